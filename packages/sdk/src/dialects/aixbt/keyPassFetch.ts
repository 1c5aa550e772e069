import { invalidOption } from '../../errors'
import { parseBase } from '../../exchange'
import { systemRuntime } from '../../runtime'
import type { KeyPassWallet } from './buyKeyPass'
import { AIXBT } from './KeyPass'
import type { KeyPassLimits } from './limits'
import { type KeyPasses, oneKey, passKeeper, type Renewal } from './passKeeper'
import { sendWithKey } from './sendWithKey'

/** Which key is used, and how. */
export type KeyPassFetchOptions = {
  /** A key that is there, or where keys are kept: one of the two. */
  readonly apiKey?: string
  readonly passes?: KeyPasses
  /** Buys a key where there is none, and another before it ends, within the wallet's budget. */
  readonly renew?: Renewal
  /** Pays for what `renew` buys; its `origins` must have aixbt's. */
  readonly wallet?: KeyPassWallet
  /** Default `https://api.aixbt.tech`. */
  readonly baseURL?: string
  /** Used instead of the global `fetch`. */
  readonly customFetch?: typeof fetch
  /** Milliseconds to the first byte. Default 60,000. */
  readonly timeout?: number
  /** Milliseconds that one call waits for minutes to end. Default 75,000. */
  readonly maxWait?: number
}

/** A fetch that carries a key. */
export type KeyPassFetch = {
  (input: string | URL | Request, init?: RequestInit): Promise<Response>
  /** What aixbt told last of the key's limits. */
  readonly limits: () => KeyPassLimits
}

/**
 * As the global `fetch`, with `x-api-key` to aixbt's origin and to no other; paths are taken too. It waits
 * for a limit of a minute to end, and never for that of a day. Redirects are not followed.
 * @throws KeyPassLimitError, AuthenticationError, ARouterError: what aixbt refuses because of the key,
 * with `aixbtCode`; and what {@link buyKeyPass} throws, once there is no key that goes on.
 */
export function keyPassFetch(options: KeyPassFetchOptions): KeyPassFetch {
  const { customFetch, baseURL = AIXBT, timeout = 60_000, maxWait = 75_000 } = options
  const runtime = systemRuntime(customFetch ?? ((input, init) => globalThis.fetch(input, init)))
  const base = parseBase(baseURL)
  const { send, limits } = sendWithKey({
    base,
    runtime,
    timeout,
    maxWait,
    keeper: keeperOf(options, baseURL, runtime),
  })
  return Object.assign(send, { limits })
}

function keeperOf(
  { apiKey, passes, renew, wallet }: KeyPassFetchOptions,
  baseURL: string,
  runtime: Parameters<typeof passKeeper>[0]['runtime'],
) {
  if ((apiKey === undefined) === (passes === undefined)) {
    throw invalidOption('keyPassFetch needs apiKey or passes, and not both.')
  }
  if ((renew === undefined) !== (wallet === undefined)) {
    throw invalidOption('To renew a key takes both renew and wallet.')
  }
  if (passes) {
    const renewal = renew && wallet && { renew, wallet }
    return passKeeper({ passes, renewal, baseURL, runtime })
  }
  if (renew) throw invalidOption('To renew a key takes passes: a new one has to be saved.')
  return oneKey(apiKey ?? '')
}
