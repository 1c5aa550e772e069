import type { AgentRequestInit, AgentWallet } from '../../agent/createAgentWallet'
import type { Forecast } from '../../agent/forecast'
import { parseObject } from '../../encoding'
import { invalidOption } from '../../errors'
import { type Base, parseBase } from '../../exchange'
import { type AccessGrant, readGrant } from './AccessGrant'
import { type AccessRequest, type Asked, bodyOf, readRequest } from './AccessRequest'
import { type AccessFetchOptions, accessFetch, type Bought } from './accessFetch'
import { textOf } from './answers'
import { type Catalogue, readCatalogue } from './discover'
import { type Heard, nothingHeard } from './Heard'
import { explained, refused } from './key0Error'
import { overA2a } from './overA2a'
import { overHttp, type Via } from './overHttp'
import { overMcp } from './overMcp'
import { overRoute } from './overRoute'
import { digestOf } from './requestIds'
import { unpaid } from './unpaid'

/** Where a Key0 seller is. */
export type Key0Options = {
  /** Its origin is one of the wallet's. */
  readonly baseURL: string
  /** Where it has things, below `baseURL`. What was bought is found again by the same `access` only. */
  readonly paths?: Partial<Key0Paths>
}

/** Paths of a Key0 seller, each from its slash on. */
export type Key0Paths = {
  /** Default `/discover`. */
  readonly discover: string
  /** Default `/x402/access`. */
  readonly access: string
  /** Where it takes `message/send`. Default: as `access`. */
  readonly a2a: string
  /** Default `/mcp`. */
  readonly mcp: string
}

/** A Key0 seller's base URL, and its paths as URLs. */
type Places = Key0Paths & { readonly url: string }

/** A Key0 seller, paid by an agent's wallet. */
export type Key0 = {
  /** What it sells. @throws ARouterError `key0_malformed_answer`, and as its answer says. */
  readonly discover: () => Promise<Catalogue>
  /** What access would cost: nothing is signed. Undefined where it was bought before. */
  readonly quote: (request: AccessRequest) => Promise<Forecast | undefined>
  /**
   * Buys access to a plan, once for each order: a grant that was given before is given again, as it
   * is, even where it is over by now. A lost answer is asked for again with the same signature.
   * @throws ARouterError with a {@link Key0Code}, PaidButFailedError where it was paid for and did not
   * come; both have the `requestId` in their context. And as `AgentWallet.fetch` throws.
   */
  readonly requestAccess: (request: AccessRequest) => Promise<AccessGrant>
  /**
   * A `fetch` for absolute URLs at the origin of a grant's `resourceEndpoint`, with its token. Access is
   * bought with the first call. Each renewal leaves its grant in the wallet's store, as a restart finds the
   * last one by way of the first: give `order` anew now and then, `2026-07`, so that the way stays short. It is bought anew once the seller says that it is over, one time for
   * all callers, unless `renew` is `never`. What else is asked for in a 402 is not paid.
   * @throws ARouterError `key0_access_expired` with `renew: 'never'`; `key0_access_refused` for access
   * that is over at once, after which no more is bought; `key0_wrong_origin`; and as `requestAccess`.
   */
  readonly accessFetch: (request: AccessRequest, options?: AccessFetchOptions) => typeof fetch
  /**
   * As `AgentWallet.fetch`, on a route that is paid for by the request: a path below the base URL. Its
   * seller knows no order: without an `idempotencyKey`, the same request is another purchase once it
   * was answered. Routes are bought in no other way: by their `routeId`, over HTTP's `/x402/access`, A2A or
   * MCP, some sellers charge for them and deliver nothing.
   */
  readonly payPerRequest: (path: string, init?: Omit<AgentRequestInit, 'via'>) => Promise<Response>
}

/**
 * A Key0 seller, paid by `wallet`.
 * @throws ARouterError `invalid_url`, `insecure_url`, `invalid_option`.
 */
export function key0(wallet: AgentWallet, { baseURL, paths }: Key0Options): Key0 {
  const base = parseBase(baseURL)
  const places = placesOf(base, paths)
  const nameOrder = async (name: string) => wallet.orderId(base.origin, await digestOf(name))
  const read = (request: AccessRequest) => readRequest(request, nameOrder)
  return {
    discover: async () => {
      const response = await unpaid(wallet, places.discover, {})
      const text = await textOf(response)
      const catalogue = response.ok ? readCatalogue(text) : undefined
      if (catalogue) return catalogue
      const body = response.ok ? NO_CATALOGUE : text
      throw refused(response.ok ? 502 : response.status, body, nothingHeard())
    },
    quote: async (request) => {
      const { signal = null } = request
      return wallet.quote(places.access, { ...order(await read(request)), signal })
    },
    requestAccess: async (request) => {
      const { grant } = await buy(wallet, places, await read(request), request.signal)
      return grant
    },
    accessFetch: (request, options = {}) =>
      accessFetch(
        wallet,
        () => read(request),
        (asked) => buy(wallet, places, asked),
        options,
      ),
    payPerRequest: async (path, init) => {
      const heard = nothingHeard()
      const url = path.startsWith('/') ? base.url + path : path
      return wallet.fetch(url, { ...init, via: overRoute(heard) }).catch((error) => {
        throw explained(error, heard)
      })
    },
  }
}

const NO_CATALOGUE = JSON.stringify({ code: 'MALFORMED_ANSWER', message: 'no list of plans' })

async function buy(
  wallet: AgentWallet,
  places: Places,
  asked: Asked,
  signal?: AbortSignal,
): Promise<Bought> {
  const heard = nothingHeard(asked.requestId)
  const init = {
    ...order(asked),
    ...(signal && { signal }),
    idempotencyKey: `key0 ${asked.requestId}`,
    via: viaOf(places, asked, heard),
  }
  const response = await wallet.fetch(places.access, init).catch((error) => {
    throw explained(error, heard)
  })
  const text = await response.text() // It was read before, within bounds.
  const grant = response.ok ? readGrant(parseObject(text), asked, places.url) : undefined
  if (!grant) throw refused(response.status, text, heard)
  return { asked, grant, isNew: heard.isPaid }
}

function viaOf(places: Places, asked: Asked, heard: Heard): Via {
  switch (asked.transport) {
    case 'http':
      return overHttp(asked, heard)
    case 'a2a':
      return overA2a(places.a2a, asked, heard)
    case 'mcp':
      return overMcp(places, asked, heard)
  }
}

function placesOf({ url }: Base, paths: Partial<Key0Paths> = {}): Places {
  const { discover = '/discover', access = '/x402/access', a2a = access, mcp = '/mcp' } = paths
  const at = (path: string) => {
    if (!/^\/(?!\/)[^?#\s]*$/.test(path))
      throw invalidOption(`paths: ${path} is no path from its slash on.`)
    return url + path
  }
  return { url, discover: at(discover), access: at(access), a2a: at(a2a), mcp: at(mcp) }
}

function order(asked: Asked): RequestInit {
  const headers = { 'content-type': 'application/json' }
  return { method: 'POST', headers, body: JSON.stringify(bodyOf(asked)) }
}
