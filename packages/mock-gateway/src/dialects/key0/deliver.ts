import type { Exchange } from '../../Exchange'
import type { Challenge, ResourceResponse } from './Challenge'
import { explorerUrl } from './explorerUrl'
import { httpError, internalError, type Key0Error, key0Error } from './Key0Error'
import type { Key0Shop } from './Key0Shop'
import type { RouteOffering } from './options'

/** Where the protected example resource is. */
export const RESOURCE_PATH = '/api/resource'

/** Gives an access grant for a paid challenge. Throws where the issuer of tokens fails. */
export async function deliverGrant(
  shop: Key0Shop,
  exchange: Exchange,
  paid: Challenge,
): Promise<Challenge> {
  const { challengeId, requestId, resourceId } = paid
  const fault = shop.gateway.faults.take('key0-issue', exchange)
  if (fault) throw issuerFailed(fault.status)
  const facts = {
    challengeId,
    requestId,
    resourceId,
    planId: paid.offering.id,
    txHash: transactionOf(paid),
  }
  const delivery = {
    type: 'AccessGrant',
    ...facts,
    accessToken: await shop.tokens.issue(facts),
    tokenType: 'Bearer',
    resourceEndpoint: `${exchange.url.origin}${RESOURCE_PATH}/${encodeURIComponent(resourceId)}`,
    explorerUrl: explorerUrl(shop.network, facts.txHash),
  } as const
  shop.challenges.move(challengeId, 'PAID', 'PAID', 'the grant is on record', { delivery })
  return delivered(shop, challengeId)
}

/** Asks the backend of a route for a paid challenge. Throws 502 where there is no answer. */
export async function deliverRoute(
  shop: Key0Shop,
  exchange: Exchange,
  paid: Challenge,
  route: RouteOffering,
  call: Request,
): Promise<Challenge> {
  const { challengeId, requestId } = paid
  const txHash = transactionOf(paid)
  const answer = await askBackend(shop, exchange, route, call, txHash)
  const delivery: ResourceResponse = {
    type: 'ResourceResponse',
    challengeId,
    requestId,
    routeId: route.id,
    txHash,
    explorerUrl: explorerUrl(shop.network, txHash),
    resource: {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: bodyOf(await answer.text()),
    },
  }
  shop.challenges.move(challengeId, 'PAID', 'PAID', 'the answer is on record', { delivery })
  return delivered(shop, challengeId)
}

/** What the backend of a route says. Throws 502 with the transaction where it fails. */
export async function askBackend(
  { gateway }: Key0Shop,
  exchange: Exchange,
  route: RouteOffering,
  call: Request,
  txHash?: string,
): Promise<Response> {
  const paid = txHash === undefined ? {} : { txHash }
  const fault = gateway.faults.take('key0-route', exchange)
  switch (fault?.kind) {
    case 'key0-backend-5xx':
      return Response.json({ error: 'the backend failed' }, { status: fault.status ?? 500 })
    case 'key0-backend-lost':
      throw httpError('PROXY_ERROR', 'the backend could not be reached', paid)
    case 'key0-backend-slow':
      throw httpError('PROXY_TIMEOUT', 'the backend did not answer in time', paid)
  }
  try {
    return await route.backend(call)
  } catch (error) {
    throw httpError('PROXY_ERROR', error instanceof Error ? error.message : String(error), paid)
  }
}

/** Ends a paid challenge well. Throws 409 where it is not paid any more: the money is on its way back. */
export function delivered({ challenges, gateway }: Key0Shop, challengeId: string): Challenge {
  const challenge = challenges.move(challengeId, 'PAID', 'DELIVERED', 'handed out')
  if (challenge) {
    if (challenge.sale) {
      gateway.sales.note(challenge.sale.id, { delivered: challenge.offering.id })
    }
    return challenge
  }
  throw key0Error('CHALLENGE_NOT_PAID', 'the challenge is being refunded')
}

function transactionOf({ sale, challengeId }: Challenge): string {
  if (sale) return sale.transaction
  throw new Error(`challenge ${challengeId} was delivered before it was paid`)
}

function issuerFailed(status = 500): Key0Error {
  switch (status) {
    case 502:
      return key0Error('TOKEN_ISSUE_FAILED', 'no token could be issued')
    case 504:
      return key0Error('TOKEN_ISSUE_TIMEOUT', 'no token was issued in time')
    default:
      return internalError('no token could be issued')
  }
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text // A backend may say what it likes.
  }
}
