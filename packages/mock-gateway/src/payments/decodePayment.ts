import type { Authorization } from '../chain/Authorization'
import type { SolanaTransfer } from '../chain/solanaTransfer'
import { readSolanaTransfer } from '../chain/solanaTransfer'
import { invalidRequest } from '../http/GatewayError'
import type { JsonObject } from '../http/jsonObject'
import { asObject, objectFromBase64 } from '../http/jsonObject'
import type { Network } from '../networks'

/** A payment header that has been understood; nothing about it has been verified. */
export type Payment = {
  /** The amount the client says it accepted, in atomic units. */
  readonly amount: bigint
  readonly payer: string
  /** EIP-3009 nonce, or the Solana message. */
  readonly nonce: string
  /** The same for two payments that spend the same authorization. */
  readonly key: string
  /** The scheme's payload, as the client sent it. */
  readonly payload: Record<string, unknown>
  /** The same for the same payload, signature included. */
  readonly fingerprint: string
} & (
  | {
      readonly kind: 'evm'
      readonly network: Network & { kind: 'evm' }
      readonly authorization: Authorization
      readonly signature: `0x${string}`
    }
  | {
      readonly kind: 'solana'
      readonly network: Network & { kind: 'solana' }
      readonly transfer: SolanaTransfer
    }
)

const AMOUNT = /^(?:0|[1-9]\d{0,77})$/
const ADDRESS = /^0x[0-9a-fA-F]{40}$/
const NONCE = /^0x[0-9a-fA-F]{64}$/
const SIGNATURE = /^0x(?:[0-9a-fA-F]{2}){1,4096}$/

/** Reads PAYMENT-SIGNATURE (version 2). Throws 400 for anything malformed. */
export function decodePayment(header: string, networks: readonly Network[]): Payment {
  const envelope = objectFromBase64(header)
  if (!envelope) throw invalidRequest('PAYMENT-SIGNATURE is not base64 of a JSON object')
  if (envelope.x402Version !== 2) throw invalidRequest('PAYMENT-SIGNATURE is not x402 version 2')
  const accepted = asObject(envelope.accepted)
  if (!accepted) throw invalidRequest('PAYMENT-SIGNATURE has no accepted requirements')
  const network = networks.find(({ id }) => id === accepted.network)
  if (accepted.scheme !== 'exact' || !network) {
    throw invalidRequest('PAYMENT-SIGNATURE is for a scheme or network that is not offered')
  }
  const amount = amountOf(accepted.amount, 'accepted.amount')
  return decodePayload(asObject(envelope.payload), network, () => amount)
}

/** Reads X-PAYMENT (version 1), whose amount is what was signed. Throws 400 for anything malformed. */
export function decodePaymentV1(header: string, networks: readonly Network[]): Payment {
  const envelope = objectFromBase64(header)
  if (!envelope) throw invalidRequest('X-PAYMENT is not base64 of a JSON object')
  if (envelope.x402Version !== 1) throw invalidRequest('X-PAYMENT is not x402 version 1')
  const network = networks.find(({ v1Name }) => v1Name === envelope.network)
  if (envelope.scheme !== 'exact' || !network) {
    throw invalidRequest('X-PAYMENT is for a scheme or network that is not offered')
  }
  return decodePayload(asObject(envelope.payload), network, (signed) => signed)
}

function decodePayload(
  payload: JsonObject | undefined,
  network: Network,
  amountFor: (signed: bigint) => bigint,
): Payment {
  if (!payload) throw invalidRequest('the payment has no payload')
  return network.kind === 'evm'
    ? decodeEvm(payload, network, amountFor)
    : decodeSolana(payload, network, amountFor)
}

function decodeEvm(
  payload: JsonObject,
  network: Network & { kind: 'evm' },
  amountFor: (signed: bigint) => bigint,
): Payment {
  const fields = asObject(payload.authorization)
  if (!fields) throw invalidRequest('the payment has no EIP-3009 authorization')
  const signature = hexOf(payload.signature, SIGNATURE, 'signature')
  const authorization = {
    from: hexOf(fields.from, ADDRESS, 'authorization.from'),
    to: hexOf(fields.to, ADDRESS, 'authorization.to'),
    value: amountOf(fields.value, 'authorization.value'),
    validAfter: amountOf(fields.validAfter, 'authorization.validAfter'),
    validBefore: amountOf(fields.validBefore, 'authorization.validBefore'),
    nonce: hexOf(fields.nonce, NONCE, 'authorization.nonce'),
  }
  return {
    kind: 'evm',
    network,
    authorization,
    signature,
    amount: amountFor(authorization.value),
    payer: authorization.from,
    nonce: authorization.nonce,
    key: `${network.id}:${authorization.from}:${authorization.nonce}`.toLowerCase(),
    payload: {
      signature,
      authorization: {
        from: authorization.from,
        to: authorization.to,
        value: authorization.value.toString(),
        validAfter: authorization.validAfter.toString(),
        validBefore: authorization.validBefore.toString(),
        nonce: authorization.nonce,
      },
    },
    fingerprint: [signature, ...Object.values(authorization)].join(':').toLowerCase(),
  }
}

function decodeSolana(
  payload: JsonObject,
  network: Network & { kind: 'solana' },
  amountFor: (signed: bigint) => bigint,
): Payment {
  const base64 = payload.transaction
  if (typeof base64 !== 'string' || base64.length > 4096) {
    throw invalidRequest('the payment has no transaction')
  }
  const transfer = readSolanaTransfer(base64)
  if (!transfer) throw invalidRequest('the transaction could not be decoded')
  return {
    kind: 'solana',
    network,
    transfer,
    amount: amountFor(transfer.amount),
    payer: transfer.authority,
    nonce: transfer.messageKey,
    key: `${network.id}:${transfer.messageKey}`,
    payload: { transaction: base64 },
    fingerprint: base64,
  }
}

function amountOf(value: unknown, what: string): bigint {
  if (typeof value === 'string' && AMOUNT.test(value)) return BigInt(value)
  throw invalidRequest(`${what} is not a whole number in a string`)
}

function hexOf(value: unknown, form: RegExp, what: string): `0x${string}` {
  if (typeof value === 'string' && form.test(value)) return value as `0x${string}`
  throw invalidRequest(`${what} is malformed`)
}
