import { asWalletError } from './asWalletError'
import { checksumAddress } from './checksumAddress'
import { networks } from './networks'
import { readFate } from './readFate'
import { readSignature } from './readSignature'
import { assetOf, refuseTerms } from './refuseTerms'
import { summarize } from './summarize'
import {
  randomNonce,
  type TransferAuthorization,
  type TransferTypedData,
  transferTypedData,
} from './transferAuthorization'
import { WalletError } from './WalletError'
import type { Hex, PrepareContext, Prepared, Terms, Wallet } from './wallet'

/** What any kind of EVM signer comes down to. */
export type RawSigner = {
  readonly address: string
  /** True where signing asks a person. */
  readonly interactive?: true
  readonly signTypedData: (typedData: TransferTypedData, signal?: AbortSignal) => Promise<unknown>
  readonly signMessage: (message: string, signal?: AbortSignal) => Promise<unknown>
}

/**
 * Makes of what a signer is about to be asked (a transfer, or a message) a check of what it returns:
 * false where that is not the signature of `address` over it.
 */
export type Verify = (
  asked: TransferTypedData | string,
  address: Hex,
) => (signature: string) => boolean

/** What can be asked of a wallet's signatures beyond their form. */
export type SignerOptions = {
  /** `verify` of `@arouter/x402-evm/verify`. Default: only the form of a signature is checked. */
  readonly verify?: Verify | undefined
}

/** The one way from a signer to a wallet: nothing else in the package reaches a signer. */
export function createWallet(signer: RawSigner, { verify }: SignerOptions = {}): Wallet {
  const address = checksumAddress(signer.address)
  return {
    namespace: 'eip155',
    address,
    networks,
    ...(signer.interactive && { interactive: true }),
    refuse: (terms) => refuseTerms(terms, address),
    prepare: async (terms, context) => {
      const ask = (transfer: TransferTypedData) => {
        const isGenuine = verify?.(transfer, address)
        const { signal } = context
        return asked(() => signer.signTypedData(transfer, signal), isGenuine, signal)
      }
      return prepareTransfer(ask, address, terms, context)
    },
    signMessage: async (message, signal) =>
      asked(() => signer.signMessage(message, signal), verify?.(message, address), signal),
    fate: readFate,
  }
}

function prepareTransfer(
  ask: (typedData: TransferTypedData) => Promise<string>,
  from: Hex,
  terms: Terms,
  context: PrepareContext,
): Prepared {
  const asset = assetOf(terms.network)
  const reason = refuseTerms(terms, from)
  if (asset === undefined || reason !== undefined) {
    throw new WalletError('refused', `Refused to pay: ${reason}.`)
  }
  context.signal?.throwIfAborted()
  const expiresAt = Math.floor(context.now + context.validity)
  const transfer: TransferAuthorization = {
    from,
    to: checksumAddress(terms.payTo),
    value: terms.amount,
    validAfter: 0n,
    validBefore: BigInt(expiresAt),
    nonce: randomNonce(),
  }
  const authorization = {
    ...transfer,
    value: transfer.value.toString(),
    validAfter: transfer.validAfter.toString(),
    validBefore: transfer.validBefore.toString(),
  }
  const evidence = {
    network: terms.network,
    asset: asset.address,
    from,
    nonce: transfer.nonce,
    validBefore: authorization.validBefore,
  }
  const typedData = transferTypedData(terms.network, asset, transfer)
  const sign = async () => {
    return { payload: { signature: await ask(typedData), authorization }, evidence }
  }
  return { expiresAt, evidence, summary: summarize(typedData), sign }
}

// `isGenuine` is made before the signer is asked: what a signer was handed, it may have changed.
async function asked(
  ask: () => Promise<unknown>,
  isGenuine: ((signature: string) => boolean) | undefined,
  signal: AbortSignal | undefined,
): Promise<string> {
  signal?.throwIfAborted()
  let answer: unknown
  try {
    answer = await ask()
  } catch (cause) {
    signal?.throwIfAborted()
    throw asWalletError(cause)
  }
  const signature = readSignature(answer)
  if (isGenuine?.(signature) === false) {
    throw new WalletError(
      'bad_signature',
      'What the signer returned is not the signature of its address over what it was asked to sign; it was not sent.',
    )
  }
  return signature
}
