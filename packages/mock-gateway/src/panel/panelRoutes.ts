import { createHash } from 'node:crypto'
import type { Exchange } from '../Exchange'
import { isFaultKind, needsLocalChain } from '../faults/kinds'
import type { Gateway } from '../Gateway'
import { invalidRequest } from '../http/GatewayError'
import type { JsonObject } from '../http/jsonObject'
import { readJsonBody } from '../http/readBody'
import type { GatewayState } from '../state'
import { overviewOf } from './overview'

/** `GET /panel/state`: all that the page shows. */
export async function panelState(
  gateway: Gateway,
  state: GatewayState,
  { request }: Exchange,
): Promise<Response> {
  const text = JSON.stringify(await overviewOf(gateway, state))
  const etag = `"${createHash('sha256').update(text).digest('base64url')}"`
  const headers = {
    'content-type': 'application/json',
    'cache-control': 'no-cache',
    'cross-origin-resource-policy': 'same-origin',
    etag,
  }
  const isKnown = request.headers.get('if-none-match') === etag
  return new Response(isKnown ? null : text, { status: isKnown ? 304 : 200, headers })
}

/** `POST /panel/faults`: `{kind, times}` strike next; `{kind, chance}` strikes by chance from now on. */
export async function addFault(
  { faults, chains }: Gateway,
  { request }: Exchange,
): Promise<Response> {
  const body = await readJsonBody(request)
  const { kind, chance, times = 1 } = body
  if (typeof kind !== 'string' || !isFaultKind(kind)) throw invalidRequest('there is no such fault')
  if (needsLocalChain(kind) && !chains.some(({ node }) => node)) {
    throw invalidRequest('this fault needs a local chain')
  }
  if (chance === undefined) {
    if (!isWithin(times, 1, 100) || !Number.isInteger(times)) {
      throw invalidRequest('times must be a whole number from 1 to 100')
    }
    faults.next(kind, { times })
  } else {
    if (!isWithin(chance, 0, 1)) throw invalidRequest('chance must be a number from 0 to 1')
    faults.setChance(kind, chance)
  }
  return noted(faults.coming())
}

/** `DELETE /panel/faults`: nothing more is to come. */
export async function clearFaults({ faults }: Gateway): Promise<Response> {
  faults.clear()
  return noted(faults.coming())
}

function noted(coming: JsonObject): Response {
  return Response.json(coming, { headers: { 'cross-origin-resource-policy': 'same-origin' } })
}

function isWithin(value: unknown, low: number, high: number): value is number {
  return typeof value === 'number' && value >= low && value <= high
}
