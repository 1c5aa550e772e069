import assert from 'node:assert/strict'
import { isARouterError } from '@arouter/sdk'
import { type AccessGrant, key0 } from '@arouter/sdk/key0'
import { agentScene, receipt, terms } from '../agent/agentScene'
import { type Chance, chanceFrom } from '../simulation/Chance'
import { ORIGIN } from '../simulation/World'

const MOST_CALLS = 4

/** What the seller's book has of one requestId. */
type Sale = { readonly signatures: Set<string>; isGranted: boolean }

/**
 * One wallet at a Key0 seller where anything can go wrong, and then nothing does any more: what comes
 * of its order in the end.
 * @throws AssertionError where it was paid for twice, or what was granted is lost.
 */
export async function playKey0(seed: number): Promise<'granted' | 'paid for nothing'> {
  const chance = chanceFrom(seed)
  const scene = agentScene()
  const book = new Map<string, Sale>()
  const used = new Set<string>()
  let isCalm = false
  const fails = (probability: number) => !isCalm && chance.happens(probability)
  const saleOf = (body: string): [string, Sale] => {
    const { requestId } = JSON.parse(body)
    const sale = book.get(requestId) ?? { signatures: new Set(), isGranted: false }
    book.set(requestId, sale)
    return [requestId, sale]
  }
  scene.seller.bare = ({ body }) => {
    if (fails(0.15)) return broken(chance)
    const [requestId, sale] = saleOf(body)
    return sale.isGranted ? granted(requestId) : terms()
  }
  scene.seller.paid = ({ body, payment = '' }) => {
    if (fails(0.15)) return broken(chance)
    const [requestId, sale] = saleOf(body)
    if (sale.isGranted) return fails(0.2) ? broken(chance) : granted(requestId)
    if (used.has(payment)) return refused(402, 'PAYMENT_FAILED')
    used.add(payment)
    sale.signatures.add(payment)
    scene.asked.fate = 'settled'
    if (fails(0.1)) return refused(500, 'INTERNAL_ERROR', chance.happens(0.5))
    sale.isGranted = true
    return fails(0.25) ? broken(chance) : granted(requestId)
  }
  const order = () => {
    const wallet = { ...scene.agent(), bind: unbound }
    return key0(wallet, { baseURL: ORIGIN }).requestAccess({ planId: 'basic' })
  }
  const outcomeOf = (asked: Promise<unknown>) => asked.catch((error: unknown) => error)
  for (let calls = chance.between(1, MOST_CALLS); calls > 0; calls--) {
    const others = chance.between(0, 2)
    await scene.run(Promise.all(Array.from({ length: others + 1 }, () => outcomeOf(order()))))
    if (chance.happens(0.4)) scene.restart()
  }
  isCalm = true
  const last = await scene.run(outcomeOf(order()))
  const [[requestId, sale] = [], ...more] = book
  assert.deepEqual(more, [], 'one order has one requestId')
  assert.ok(scene.asked.payments <= 1 && used.size <= 1, 'one order is paid for once')
  if (isARouterError(last)) {
    assert.equal(last.code, 'paid_but_failed')
    assert.equal(last.fundsMoved, 'yes')
    assert.ok(!sale?.isGranted && sale?.signatures.size === 1, 'what was granted is had')
    return 'paid for nothing'
  }
  assert.equal((last as AccessGrant).accessToken, `token-${requestId}`)
  return 'granted'
}

function unbound(): never {
  throw new Error('nothing is bound')
}

function granted(requestId: string): Response {
  const grant = { type: 'AccessGrant', requestId, accessToken: `token-${requestId}` }
  return Response.json(grant, { headers: receipt() })
}

function refused(status: number, code: string, isTold = false): Response {
  const headers = isTold ? receipt() : {}
  return Response.json({ type: 'Error', code, message: 'no' }, { status, headers })
}

function broken(chance: Chance): Response | Promise<Response> {
  return chance.pick<() => Response | Promise<Response>>(
    () => Promise.reject(new TypeError('fetch failed')),
    () => refused(503, 'SETTLEMENT_FAILED'),
    () => refused(202, 'TX_UNCONFIRMED'),
    () => new Response('{"type":"AccessGr', { status: 200 }),
    () => new Response(null, { status: 429 }),
  )()
}
