import { invalidOption } from '../../errors'
import { successorOf } from './requestIds'

/** How a plan is asked for: HTTP's own way, A2A's `message/send`, or the tool of an MCP server. */
export type Transport = 'http' | 'a2a' | 'mcp'

/** What access is bought to. */
export type AccessRequest = {
  readonly planId: string
  /** Default `default`, as Key0 has it. */
  readonly resourceId?: string
  readonly clientAgentId?: string
  /**
   * Tells one purchase of the same thing from another: `2026-07`. The same order gets the grant it was
   * given before, in all processes that share the wallet's store. Default: one for each plan,
   * `resourceId` and `clientAgentId`.
   */
  readonly order?: string
  /** A UUID to be used instead of the one kept for the order. Who knows it can have the grant. */
  readonly requestId?: string
  /**
   * Default `http`. Over `mcp` the seller names the purchase itself: where the answer is lost, the grant
   * is asked for over HTTP by that name.
   */
  readonly transport?: Transport
  readonly signal?: AbortSignal
}

/** A request with everything in its place. */
export type Asked = {
  readonly planId: string
  readonly resourceId: string
  readonly clientAgentId: string | undefined
  readonly requestId: string
  readonly transport: Transport
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i
const TRANSPORTS: readonly unknown[] = ['http', 'a2a', 'mcp'] satisfies Transport[]

/**
 * Reads a request. `idOf` has the requestId that is kept for the purchase of that name.
 * @throws ARouterError `invalid_option`.
 */
export async function readRequest(
  request: AccessRequest,
  idOf: (name: string) => Promise<string>,
): Promise<Asked> {
  const { planId, resourceId = 'default', clientAgentId, order = '', transport = 'http' } = request
  if (typeof planId !== 'string' || planId === '') throw invalidOption('planId must be a text.')
  if (!TRANSPORTS.includes(transport))
    throw invalidOption("transport must be 'http', 'a2a' or 'mcp'.")
  if (request.requestId !== undefined && !UUID.test(request.requestId))
    throw invalidOption('requestId must be a UUID. Without one, a random one is made and kept.')
  const requestId =
    request.requestId ??
    (await idOf(JSON.stringify([planId, resourceId, clientAgentId ?? '', order])))
  return { planId, resourceId, clientAgentId, requestId, transport }
}

/** The request that renews what `asked` bought: the same one in each process, so that it is paid for once. */
export async function renewalOf(asked: Asked): Promise<Asked> {
  return { ...asked, requestId: await successorOf(asked.requestId) }
}

/** What `/x402/access` is asked with: the same bytes each time. */
export function bodyOf({ planId, requestId, resourceId, clientAgentId }: Asked) {
  return { planId, requestId, resourceId, ...(clientAgentId !== undefined && { clientAgentId }) }
}
