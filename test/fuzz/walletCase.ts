import { isDeepStrictEqual } from 'node:util'
import { chatCompletion } from '../../packages/sdk/src/api/chat'
import { isARouterError } from '../../packages/sdk/src/errors'
import type { Prepared, Wallet } from '../../packages/sdk/src/wallet'
import { walletFailed } from '../../packages/sdk/src/walletFailed'
import type { Chance } from '../simulation/Chance'
import { START } from '../support/virtualRuntime'
import type { Case, Ended } from './Case'
import { createSubject, endOf, faultsOf } from './client'
import { asked, type evmOffer, forget, type solanaOffer, URL_OF_CHAT } from './honest'
import { REQUEST } from './terms'

/** How many go through a whole client; the others through what it has a payment signed by. */
const WHOLE = 0.05

/** A wallet that has made one payment ready, and the 402 that asks for it. */
export type Readied = {
  readonly wallet: Wallet
  readonly prepared: Prepared
  readonly header: string
}

/** Has a wallet make ready to pay the only offer of a gateway. */
export async function ready(
  wallet: Wallet,
  offer: typeof evmOffer | typeof solanaOffer,
): Promise<Readied> {
  const context = { now: START / 1_000, validity: offer.maxTimeoutSeconds, rpc: [], fetch: nobody }
  const prepared = await wallet.prepare({ ...offer, amount: BigInt(offer.amount) }, context)
  const required = { x402Version: 2, resource: { url: URL_OF_CHAT }, accepts: [offer] }
  const header = Buffer.from(JSON.stringify(required)).toString('base64')
  return { wallet: { ...wallet, prepare: async () => prepared }, prepared, header }
}

/** A payment whose wallet returns something: `payload` must be sent, or nothing. */
export function caseOf(
  chance: Chance,
  shown: unknown,
  readied: Readied,
  payload: Readonly<Record<string, unknown>> | undefined,
): Case {
  const sent: unknown[] = []
  const act = chance.happens(WHOLE) ? whole(readied, sent) : directly(readied, sent)
  return {
    shown,
    conforms: payload !== undefined,
    act,
    judge: (ended) => {
      const faults = faultsOf(ended)
      if (ended.signatures !== 1) faults.push(`asked ${ended.signatures} times`)
      if (payload === undefined) {
        const isOfWallet = ['wallet_failed', 'wallet_rejected'].includes(ended.outcome)
        if (!isOfWallet) faults.push(`${ended.outcome}, not the failure of a wallet`)
        if (sent.length > 0) faults.push('sent what was not approved')
        return faults
      }
      if (ended.outcome !== 'answer') faults.push(`refused what was approved: ${ended.outcome}`)
      if (!isDeepStrictEqual(sent, [payload])) faults.push('sent something else')
      return faults
    },
  }
}

/** A call of a client, from its 402 on. */
function whole({ wallet, header }: Readied, sent: unknown[]): Case['act'] {
  const subject = createSubject([wallet], { signIn: 'never' }, ({ payment }) => {
    if (payment === undefined) {
      return new Response(null, { status: 402, headers: { 'payment-required': header } })
    }
    sent.push(Reflect.get(payment as object, 'payload')) // ours
    return Response.json({ choices: [] })
  })
  return () => endOf(subject, () => chatCompletion(subject.connection, REQUEST))
}

/** What `sign` does with a wallet that has agreed to a payment. */
function directly({ prepared }: Readied, sent: unknown[]): Case['act'] {
  return async (): Promise<Ended> => {
    forget()
    try {
      const { payload } = await prepared.sign().catch((cause) => {
        throw walletFailed(cause, 'pay')
      })
      sent.push(payload)
      return { outcome: 'answer', signatures: asked.transfers.length }
    } catch (thrown) {
      const outcome = isARouterError(thrown) ? thrown.code : 'untyped'
      return { outcome, thrown, signatures: asked.transfers.length }
    }
  }
}

async function nobody(): Promise<Response> {
  throw new Error('nobody is asked')
}
