import { peek } from '../../body'
import { type Base, createExchange, type Exchange, throwIfAborted, transport } from '../../exchange'
import { gatewayError } from '../../gatewayError'
import { type Runtime, sleep } from '../../runtime'
import { secretsOf } from '../../secrets'
import { aixbtCode, KeyPassLimitError } from './errors'
import { type KeyPassLimits, readLimits, readUsedUp, type Span } from './limits'
import type { PassKeeper } from './passKeeper'

export type SendWithKeyParameters = {
  readonly base: Base
  readonly runtime: Runtime
  readonly keeper: PassKeeper
  /** Milliseconds. */
  readonly timeout: number
  readonly maxWait: number
}

/** What is known of the limits of one key, and until when it has none left: milliseconds by the local clock. */
type Known = { readonly apiKey: string; told: KeyPassLimits; readonly until: Record<Span, number> }

const MOST_REFUSED = 64 * 1024
/** Those who waited do not all come at once, and none comes at once again. */
const JITTER_MS = 1_000
const SHORTEST_MS = 500

/** Sends requests with the key that `keeper` has, and minds its limits. */
export function sendWithKey(parameters: SendWithKeyParameters) {
  const { base, runtime, keeper, timeout, maxWait } = parameters
  const once = transport(runtime)
  let known: Known | undefined
  const knownOf = (apiKey: string): Known => {
    if (known?.apiKey === apiKey) return known
    known = { apiKey, told: { minute: undefined, day: undefined }, until: { minute: 0, day: 0 } }
    return known
  }

  const send = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const exchange = await createExchange(base, input, init, timeout)
    const deadline = runtime.now() + maxWait
    for (let isReplaced = false; ; ) {
      const apiKey = await keeper.current(exchange.signal)
      const mine = knownOf(apiKey)
      await admit(mine, runtime, deadline, exchange.signal)
      exchange.headers.set('x-api-key', apiKey)
      const response = await once(exchange)
      const told = readLimits(response.headers)
      if (told.minute || told.day) mine.told = told
      if (![401, 403, 429].includes(response.status)) return response
      const refused = await readRefused(response, exchange, runtime)
      if (response.status === 429) {
        const { span, wait } = readUsedUp(refused.text, response.headers, runtime.now())
        mine.until[span] = runtime.now() + Math.max(wait, SHORTEST_MS)
        continue
      }
      const code = aixbtCode(refused.error)
      if (response.status === 403 && !code) return refused.response
      const how = code === 'API_KEY_EXPIRED' ? 'expired' : 'invalid'
      const isKeys = how === 'expired' || code === 'INVALID_API_KEY'
      if (isReplaced || !isKeys || !(await keeper.replace(apiKey, how))) throw refused.error
      isReplaced = true
    }
  }
  return { send, limits: (): KeyPassLimits => known?.told ?? { minute: undefined, day: undefined } }
}

/** Waits until a minute is over. @throws KeyPassLimitError for a day, or where it takes too long; `aborted`. */
async function admit({ until }: Known, runtime: Runtime, deadline: number, signal?: AbortSignal) {
  const now = runtime.now()
  if (until.day > now) throw new KeyPassLimitError('day', until.day, now)
  if (until.minute <= now) return
  const wait = until.minute - now + runtime.random() * JITTER_MS
  if (now + wait > deadline) throw new KeyPassLimitError('minute', until.minute, now)
  await sleep(runtime, wait, signal)
  throwIfAborted(signal)
}

async function readRefused(answer: Response, exchange: Exchange, runtime: Runtime) {
  const limits = { idle: exchange.timeout, most: MOST_REFUSED, signal: exchange.signal }
  const { text, response } = await peek(answer, runtime, limits)
  return { text, response, error: gatewayError(text, answer, runtime.now(), secretsOf(exchange)) }
}
