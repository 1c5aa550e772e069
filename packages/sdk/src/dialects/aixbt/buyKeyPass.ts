import type { AgentWallet } from '../../agent/createAgentWallet'
import { readRefusal, readText } from '../../body'
import { ARouterError, invalidOption, isARouterError, withFunds } from '../../errors'
import { parseBase } from '../../exchange'
import { gatewayError } from '../../gatewayError'
import { plainCause } from '../../plainCause'
import { conceal } from '../../redact'
import { systemRuntime } from '../../runtime'
import { AIXBT, type KeyPass, type KeyPassPeriod, PERIODS, readKeyPass } from './KeyPass'
import { wholeTerms } from './wholeTerms'

/** How a key is bought. */
export type BuyKeyPassOptions = {
  /** Keeps the key, which is shown once: it has finished before the call resolves. */
  readonly save: (pass: KeyPass) => void | Promise<void>
  /** Names what is bought, up to 200 characters: one order is one key. Default: one order for each period. */
  readonly order?: string
  /** Default `https://api.aixbt.tech`. The wallet's `origins` must have its origin. */
  readonly baseURL?: string
  readonly signal?: AbortSignal
}

/** What a key is bought with. */
export type KeyPassWallet = Pick<AgentWallet, 'fetch' | 'forget'>

/** The calls of one process that buy the same key: it is forgotten once the last of them has saved it. */
type Crowd = { members: number; taken?: Taken; isSaved?: true }
/** A key, and the answer it came in. */
type Taken = { readonly pass: KeyPass; readonly text: string }

const crowds = new WeakMap<KeyPassWallet, Map<string, Crowd>>()
const IDLE_MS = 60_000
const MOST_BYTES = 256 * 1024
const LONGEST_ORDER = 200

/**
 * Buys a key with one payment, and saves it. From the payment until `save` has finished, the wallet's store
 * keeps the answer: after a crash, or a `save` that throws, the next call for the same order gets the same
 * key, pays nothing and saves again. Then the answer is forgotten, and the order may be bought anew: after
 * a crash between the two, the next call gets the key that was saved already. A key that comes so late may
 * have ended: `expiresAt` tells. With a store that does not outlive the process, a crash loses the key.
 * @throws PaidButFailedError where the key was paid for and aixbt does not give it again: its `context` has
 * what aixbt needs to find the payment. ARouterError `key_pass_unsaved`, `malformed_answer`: the answer is
 * kept. PaymentPolicyError; PaymentUnconfirmedError; `origin_not_allowed`.
 */
export async function buyKeyPass(
  wallet: KeyPassWallet,
  period: KeyPassPeriod,
  options: BuyKeyPassOptions,
): Promise<KeyPass> {
  const { save, order = '', baseURL = AIXBT, signal } = options
  if (!PERIODS.includes(period)) throw invalidOption("A key lasts '1d', '1w' or '4w'.")
  if (typeof save !== 'function') {
    throw invalidOption('A key is shown once: give buyKeyPass a function save that keeps it.')
  }
  if (typeof order !== 'string' || order.length > LONGEST_ORDER) {
    throw invalidOption(`order must be a text of up to ${LONGEST_ORDER} characters.`)
  }
  const { url, origin } = parseBase(baseURL)
  const purchase = { url: `${url}/x402/v2/api-keys/${period}`, key: `aixbt ${period} ${order}` }
  // Another process may have bought the order anew by then, and not have saved that key yet.
  const forget = ({ taken }: Crowd) => wallet.forget(origin, purchase.key, taken?.text)
  return together(wallet, `${origin} ${purchase.key}`, forget, async (crowd) => {
    crowd.taken ??= await take(wallet, period, purchase, signal)
    const { pass } = crowd.taken
    await keep(save, pass, purchase.key)
    crowd.isSaved = true
    return pass
  })
}

type Purchase = { readonly url: string; readonly key: string }

/** Runs `act` in the crowd `id`; who leaves last calls `forget`, where the key was saved. */
async function together<T>(
  wallet: KeyPassWallet,
  id: string,
  forget: (crowd: Crowd) => Promise<void>,
  act: (crowd: Crowd) => Promise<T>,
): Promise<T> {
  const here = crowds.get(wallet) ?? new Map<string, Crowd>()
  crowds.set(wallet, here)
  const crowd = here.get(id) ?? { members: 0 }
  here.set(id, crowd)
  crowd.members++
  try {
    return await act(crowd)
  } finally {
    try {
      if (crowd.isSaved && crowd.members === 1) await forget(crowd)
    } finally {
      crowd.members--
      if (crowd.members === 0) here.delete(id)
    }
  }
}

async function take(
  wallet: KeyPassWallet,
  period: KeyPassPeriod,
  { url, key }: Purchase,
  signal: AbortSignal | undefined,
): Promise<Taken> {
  const response = await wallet.fetch(url, {
    method: 'POST',
    idempotencyKey: key,
    via: wholeTerms,
    ...(signal && { signal }),
  })
  const runtime = systemRuntime(globalThis.fetch)
  const limits = { idle: IDLE_MS, most: MOST_BYTES, signal }
  if (!response.ok) {
    const text = await readRefusal(response, runtime, limits)
    throw gatewayError(text, response, runtime.now(), [])
  }
  const text = await readText(response, runtime, limits).catch((error: unknown) => {
    throw isARouterError(error)
      ? withFunds(error, 'maybe', 'Try again: the same payment is used.')
      : error
  })
  const pass = readKeyPass(text, period)
  if (pass) return { pass, text }
  throw new ARouterError(
    response.status,
    'malformed_answer',
    'aixbt answered a payment with something that is no key of the period that was paid for. Funds moved: yes. The answer is kept, and nothing more is paid for this order: wallet.fetch with the idempotencyKey of the context gives it, and wallet.forget drops it.',
    { context: { idempotencyKey: key, url }, fundsMoved: 'yes' },
  )
}

async function keep(save: BuyKeyPassOptions['save'], pass: KeyPass, key: string): Promise<void> {
  try {
    await save(pass)
  } catch (cause) {
    throw new ARouterError(
      0,
      'key_pass_unsaved',
      'The key was bought, and save failed. Funds moved: yes. It is kept: call again for the same order, which pays nothing.',
      {
        cause: withoutKey(cause, pass.apiKey),
        context: { idempotencyKey: key },
        fundsMoved: 'yes',
      },
    )
  }
}

/** What went wrong where the key was in hand, with nothing of it. */
function withoutKey(cause: unknown, apiKey: string): unknown {
  const plain = plainCause(cause)
  if (typeof plain === 'string') return conceal(plain, [apiKey])
  if (!(plain instanceof Error)) return plain
  const told = new Error(conceal(plain.message, [apiKey]))
  told.name = plain.name
  told.stack = conceal(plain.stack ?? '', [apiKey])
  return told
}
