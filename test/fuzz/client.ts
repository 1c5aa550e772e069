import type { Connection } from '../../packages/sdk/src/api/request'
import { createLayers, type WalletOptions } from '../../packages/sdk/src/bindWallets'
import { compose } from '../../packages/sdk/src/compose'
import { isARouterError } from '../../packages/sdk/src/errors'
import { parseBase, transport } from '../../packages/sdk/src/exchange'
import { retry } from '../../packages/sdk/src/retry'
import { memoryStore } from '../../packages/sdk/src/store/memory'
import type { Wallet } from '../../packages/sdk/src/wallet'
import { type VirtualRuntime, virtualRuntime } from '../support/virtualRuntime'
import type { Ended } from './Case'
import { asked, forget, ORIGIN } from './honest'

/** What a client sent. */
export type Sent = {
  readonly path: string
  readonly authorization: string | null
  /** The decoded PAYMENT-SIGNATURE or X-PAYMENT. */
  readonly payment: unknown
}

/** A client of a hostile gateway, made of the layers that a wallet's client has. */
export type Subject = {
  readonly connection: Connection
  readonly runtime: VirtualRuntime
  readonly sent: readonly Sent[]
}

const BASE = parseBase(ORIGIN)
const TIMEOUT_MS = 60_000

/** A fresh client of `wallets`, answered by `answer`, its clock under the test's control. */
export function createSubject(
  wallets: readonly [Wallet, ...Wallet[]],
  options: WalletOptions,
  answer: (sent: Sent) => Response,
): Subject {
  const sent: Sent[] = []
  const runtime = virtualRuntime({
    fetch: async (input, init) => {
      const headers = new Headers(init?.headers)
      const payment = headers.get('payment-signature') ?? headers.get('x-payment')
      const one: Sent = {
        path: String(input).slice(ORIGIN.length),
        authorization: headers.get('authorization'),
        payment: payment === null ? undefined : readPayment(payment),
      }
      sent.push(one)
      return answer(one)
    },
  })
  const held = wallets.map((wallet) => withTime(wallet, runtime))
  const [first = wallets[0], ...rest] = held
  const { interceptors } = createLayers(
    { base: BASE, runtime, timeout: TIMEOUT_MS },
    held,
    [first, ...rest],
    { store: memoryStore(), ...options },
  )
  const send = compose([...interceptors, retry(runtime, 2)], transport(runtime))
  const connection = { base: BASE, runtime, send, timeout: TIMEOUT_MS, secrets: [] }
  return { connection, runtime, sent }
}

// WebCrypto takes real time, and the clock must not run ahead of it.
function withTime(wallet: Wallet, { hold }: VirtualRuntime): Wallet {
  if (wallet.namespace !== 'solana') return wallet
  return {
    ...wallet,
    signMessage: (message) => hold(wallet.signMessage(message)),
    prepare: async (terms, context) => {
      const prepared = await hold(wallet.prepare(terms, context))
      return { ...prepared, sign: () => hold(prepared.sign()) }
    },
  }
}

/** Runs `call` to its end, whatever time that takes by its clock. */
export async function endOf(
  { runtime }: Subject,
  call: () => Promise<unknown>,
): Promise<Ended & { readonly value?: unknown }> {
  forget()
  try {
    const value = await runtime.run(call())
    return { outcome: 'answer', value, signatures: asked.transfers.length }
  } catch (thrown) {
    const outcome = isARouterError(thrown) ? thrown.code : 'untyped'
    return { outcome, thrown, signatures: asked.transfers.length }
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is tested
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/

/** What is wrong with a thrown error as one of the SDK's. */
export function faultsOf({ thrown, outcome }: Ended): string[] {
  if (outcome === 'answer') return []
  if (!isARouterError(thrown))
    return [`untyped: ${thrown instanceof Error ? thrown.stack : thrown}`]
  const { message, fundsMoved } = thrown
  return [
    ...(/Funds moved: (?:no|maybe|yes)\b/.test(message)
      ? []
      : [`says nothing of funds: ${message}`]),
    ...(['no', 'maybe', 'yes'].includes(fundsMoved) ? [] : ['fundsMoved is neither']),
    ...(CONTROL.test(message) ? ['its message has control characters'] : []),
    ...(message.length > 2_000 ? ['its message is endless'] : []),
  ]
}

/** What a header with a signed payment says. */
export const readPayment = (header: string): unknown =>
  JSON.parse(Buffer.from(header, 'base64').toString())
