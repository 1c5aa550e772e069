import { isDeepStrictEqual } from 'node:util'
import { getTransactionDecoder } from '@solana/kit'
import { chatCompletion } from '../../packages/sdk/src/api/chat'
import { parseObject } from '../../packages/sdk/src/encoding'
import { isARouterError } from '../../packages/sdk/src/errors'
import { choose } from '../../packages/sdk/src/payment/choose'
import { readPolicy } from '../../packages/sdk/src/payment/policy'
import { paymentHeader } from '../../packages/sdk/src/payment/present'
import {
  decodeBody,
  decodeHeader,
  type PaymentRequired,
} from '../../packages/sdk/src/payment/requirements'
import { walletFailed } from '../../packages/sdk/src/walletFailed'
import type { Chance } from '../simulation/Chance'
import { START } from '../support/virtualRuntime'
import type { Area, Case, Ended } from './Case'
import { createSubject, endOf, faultsOf, readPayment, type Sent } from './client'
import {
  asked,
  evm,
  evmOffer,
  forget,
  ORIGIN,
  solana,
  solanaOffer,
  TERMS,
  URL_OF_CHAT,
} from './honest'
import { headerSafe, mutateBytes, mutateJson, writeBase64, writeJson } from './mutate'
import { type Conforming, conforming, readBase64, readMembers } from './oracle'

export const REQUEST = { model: 'm', messages: [{ role: 'user', content: 'hello' }] } as const

/** How many go through a whole client; the others through what it does with a 402. */
const WHOLE = 0.25

/** PAYMENT-REQUIRED headers. */
export const headers: Area = {
  name: 'PAYMENT-REQUIRED header',
  share: 45,
  draw: (chance) => {
    const bytes = drawTerms(chance, 'header')
    const header = headerSafe(writeBase64(chance, bytes))
    const text = header.length > 22_000 ? undefined : readBase64(header)
    const offers = conforming(text === undefined ? undefined : readMembers(text))
    if (!chance.happens(WHOLE)) {
      const fields = new Headers({ 'payment-required': header })
      return directly({ header }, offers, () => decodeHeader(fields))
    }
    return caseOf({ header }, offers, () => {
      return new Response(null, { status: 402, headers: { 'payment-required': header } })
    })
  },
}

/** 402 bodies of x402 v2 and v1. */
export const bodies: Area = {
  name: '402 body',
  share: 20,
  draw: (chance) => {
    const bytes = drawTerms(chance, 'body')
    const text = new TextDecoder().decode(bytes)
    const value = bytes.length > 65_536 ? undefined : readMembers(text)
    const offers = conforming(value)
    if (!chance.happens(WHOLE)) {
      return directly({ body: text }, offers, () => decodeBody(parseObject(text)))
    }
    return caseOf({ body: text }, offers, () => new Response(Buffer.from(bytes), { status: 402 }))
  },
}

function drawTerms(chance: Chance, place: 'header' | 'body'): Uint8Array {
  const accepts = chance.pick<unknown[]>(
    [evmOffer],
    [evmOffer],
    [evmOffer],
    [evmOffer],
    [{ ...evmOffer, amount: '2000000' }, evmOffer],
    [{ ...evmOffer, amount: '2000000' }, evmOffer],
    [evmOffer, { ...solanaOffer, amount: '3000000' }],
    [evmOffer, solanaOffer],
    [solanaOffer],
  )
  const isFirst = chance.happens(place === 'body' ? 0.5 : 0.05)
  const honest = isFirst
    ? { x402Version: 1, error: 'payment required', accepts: accepts.map(inV1) }
    : { x402Version: 2, resource: { url: URL_OF_CHAT }, accepts }
  const times = chance.pick(0, 1, 1, 1, 1, 2, 2, 3, 6)
  const json = writeJson(chance, mutateJson(chance, honest, TERMS, times))
  const bytes = new TextEncoder().encode(json)
  if (chance.happens(0.2)) return mutateBytes(chance, bytes)
  if (chance.happens(0.01)) return new Uint8Array(chance.pick(0, 1, 70_000)).fill(0x5b)
  return bytes
}

function inV1(offer: unknown): unknown {
  const { amount, network, ...rest } = offer as typeof evmOffer // both offers above have these
  const name = network === evmOffer.network ? 'base' : 'solana'
  return { ...rest, network: name, maxAmountRequired: amount, resource: URL_OF_CHAT }
}

function caseOf(shown: object, offers: readonly Conforming[], refuse: () => Response): Case {
  const subject = createSubject([evm, solana], { signIn: 'never' }, ({ payment }) =>
    payment === undefined ? refuse() : Response.json({ choices: [] }),
  )
  return {
    shown,
    conforms: offers.length > 0,
    act: () => endOf(subject, () => chatCompletion(subject.connection, REQUEST)),
    judge: (ended) => judge(ended, offers, subject.sent),
  }
}

const POLICY = readPolicy({}, [evm, solana], true)
const NO_PINS = new Map<string, string>()

/** Decodes, chooses, prepares and signs as the payment engine does, without the layers around it. */
function directly(
  shown: object,
  offers: readonly Conforming[],
  decode: () => PaymentRequired | undefined,
): Case {
  const sent: Sent[] = []
  const pay = async () => {
    const required = decode()
    if (!required) return 'no terms'
    const { account, offer } = choose({
      required,
      origin: ORIGIN,
      path: '/v1/chat/completions',
      accounts: [{ wallet: evm }, { wallet: solana }],
      policy: POLICY,
      pins: NO_PINS,
      preferred: evm.address,
    })
    const validity = Math.min(offer.maxTimeoutSeconds, 120)
    const context = { now: START / 1000, validity, rpc: [], fetch: offline }
    const failed = (cause: unknown): never => {
      throw walletFailed(cause, 'pay')
    }
    const prepared = await account.wallet.prepare(offer, context).catch(failed)
    const { payload } = await prepared.sign().catch(failed)
    const { value } = paymentHeader(required, offer, payload, 'a'.repeat(32))
    sent.push({ path: '', authorization: null, payment: readPayment(value) })
    return 'paid'
  }
  return {
    shown,
    conforms: offers.length > 0,
    act: async () => {
      forget()
      try {
        const paid = await pay()
        const outcome = paid === 'paid' ? 'answer' : paid
        return { outcome, signatures: asked.transfers.length }
      } catch (thrown) {
        const outcome = isARouterError(thrown) ? thrown.code : 'untyped'
        return { outcome, thrown, signatures: asked.transfers.length }
      }
    },
    judge: (ended) =>
      ended.outcome === 'no terms'
        ? offers.map(() => 'saw no terms where there are some')
        : judge(ended, offers, sent),
  }
}

async function offline(): Promise<Response> {
  throw new Error('nobody is asked')
}

function judge(ended: Ended, offers: readonly Conforming[], sent: readonly Sent[]): string[] {
  const { outcome, signatures } = ended
  const faults = faultsOf(ended)
  const least = offers.reduce<bigint | undefined>(
    (low, { amount }) => (low === undefined || amount < low ? amount : low),
    undefined,
  )
  const best = offers.filter(({ amount }) => amount === least)
  const whole = best.filter(({ isHollow }) => !isHollow)
  if (whole.length === 0) {
    if (signatures > 0) faults.push('signed what does not conform')
    if (outcome === 'answer') faults.push('was answered without a payment')
    return faults
  }
  const mayFail = whole.length < best.length
  if (signatures === 0 && !mayFail) faults.push(`refused what conforms: ${outcome}`)
  if (signatures > 1) faults.push('signed twice')
  if (signatures !== 1) return faults
  if (outcome !== 'answer') faults.push(`paid and got ${outcome}`)
  const paid = sent.at(-1)?.payment
  if (!whole.some((offer) => isPaymentOf(paid, offer))) faults.push('paid something else')
  return faults
}

type Typed = {
  readonly domain: unknown
  readonly primaryType: string
  readonly message: Readonly<Record<string, unknown>>
}

/** Whether what was signed, and what was sent, is a payment of `offer` and of nothing else. */
function isPaymentOf(sent: unknown, offer: Conforming): boolean {
  const { x402Version, accepted, payload } = sent as Record<string, Record<string, unknown>> // ours
  if (Number(x402Version) === 2 && !isDeepStrictEqual(accepted, offer.raw)) return false
  const [signed] = asked.transfers
  if (offer.network === solanaOffer.network) {
    const wire = Buffer.from(String(payload?.transaction), 'base64')
    const { messageBytes, signatures } = getTransactionDecoder().decode(wire)
    const amount = Buffer.alloc(8)
    amount.writeBigUInt64LE(offer.amount)
    const call = Buffer.concat([Buffer.from([12]), amount, Buffer.from([6])])
    return Object.keys(signatures).length === 2 && Buffer.from(messageBytes).includes(call)
  }
  const { domain, primaryType, message } = signed as Typed // put to the signer of this test
  const { authorization } = payload as { authorization: Record<string, string> } // ours
  const now = START / 1000
  return (
    isDeepStrictEqual(domain, {
      name: 'USD Coin',
      version: '2',
      chainId: 8453,
      verifyingContract: evmOffer.asset,
    }) &&
    primaryType === 'TransferWithAuthorization' &&
    message.from === evm.address &&
    String(message.to).toLowerCase() === offer.payTo.toLowerCase() &&
    message.value === offer.amount &&
    message.validAfter === 0n &&
    message.validBefore === BigInt(now + Math.min(offer.seconds, 120)) &&
    Object.entries(message).every(([name, value]) => authorization[name] === String(value))
  )
}
