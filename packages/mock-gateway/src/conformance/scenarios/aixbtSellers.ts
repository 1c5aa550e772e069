import type { Json } from '../offers'
import { base64, envelope } from '../offers'
import { atMost, onlyTransfers } from '../oracles'
import type { Scenario } from '../Scenario'
import { hadOnce, json, openSeller, told, tryThrice } from '../sellers'
import { goodOffer, originOf } from '../shop'
import type { Reply, Seen } from '../site'

const PATH = '/x402/v2/api-keys/1d'
const buy: RequestInit = { method: 'POST', headers: { 'content-type': 'application/json' } }
/** In atomic units of USDC. */
const PRICE = 50_000n

/** Terms in a header alone, as aixbt has them. */
function challenge(seen: Seen, offer: Json, error?: string): Reply {
  const resource = { url: originOf(seen) + PATH, description: 'API key for 1 day' }
  const terms = envelope(originOf(seen), [offer], { resource, error })
  return json(402, { message: 'Payment required' }, { 'payment-required': base64(terms) })
}

const key = (receipt: Json, status = 201) => {
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
  const data = { apiKey: 'shown-once', expiresAt, period: '1d', type: 'x402' }
  return json(status, { status: 201, data }, told(receipt))
}
const failed = (status: number, error: string) => json(status, { status, error })

/** What a first payment is answered by that is settled only for a 2xx; the second is taken. */
const unsettled: Readonly<Record<string, Reply>> = {
  '500 comes': failed(500, 'Internal error'),
  '503 comes': failed(503, 'Try later'),
  'the connection breaks': 'reset',
}
/** What becomes of the answer with a key; the key is not shown again. */
const losses: Readonly<Record<string, Reply>> = {
  'the connection breaks': 'reset',
  '502 comes': failed(502, 'Bad gateway'),
  'half of it comes': {
    status: 201,
    body: (response) => void response.write('{"sta', () => response.destroy()),
  },
}
/** Refusals of the request itself, which take no money. */
const refusals: Readonly<Record<string, Reply>> = {
  '400 comes': failed(400, 'Invalid duration'),
  '404 comes': failed(404, 'Not found'),
  '422 comes': failed(422, 'Not now'),
}

export const aixbtSellers: readonly Scenario[] = [
  ...[200, 201].map((status) =>
    scenario('honest', `a key is bought, and comes with ${status}`, async (stage) => {
      const offer = await goodOffer(stage)
      const site = await openSeller(stage, {
        ask: (seen) => challenge(seen, offer),
        paid: async (_, take) => key(await take(), status),
      })
      return hadOnce(stage, await tryThrice(stage, site.url + PATH, buy), 'shown-once')
    }),
  ),
  ...Object.entries(unsettled).map(([name, reply]) =>
    scenario(
      'honest',
      `nothing settles and ${name}: the key is had for the same signature`,
      async (stage) => {
        const offer = await goodOffer(stage)
        const site = await openSeller(stage, {
          ask: (seen) => challenge(seen, offer),
          paid: async (nth, take) => (nth === 1 ? reply : key(await take())),
        })
        return hadOnce(stage, await tryThrice(stage, site.url + PATH, buy), 'shown-once')
      },
    ),
  ),
  ...Object.entries(losses).map(([name, reply]) =>
    scenario('attack', `a key is paid for and ${name}: three tries sign once`, async (stage) => {
      const offer = await goodOffer(stage)
      const site = await openSeller(stage, {
        ask: (seen) => challenge(seen, offer),
        paid: async (nth, take, seen) => {
          if (nth > 1) return challenge(seen, offer, 'nonce_already_used')
          await take()
          return reply
        },
      })
      await tryThrice(stage, site.url + PATH, buy)
      return atMost(stage, 1)
    }),
  ),
  ...Object.entries(refusals).map(([name, reply]) =>
    scenario('attack', `a payment is sent and ${name}: three tries sign once`, async (stage) => {
      const offer = await goodOffer(stage)
      const site = await openSeller(stage, {
        ask: (seen) => challenge(seen, offer),
        paid: () => reply,
      })
      await tryThrice(stage, site.url + PATH, buy)
      return atMost(stage, 1)
    }),
  ),
  ...[undefined, 'DEGEN'].map((asset) =>
    scenario(
      'attack',
      `terms ${asset ? 'with a name in the place of the token' : 'without the token'} buy nothing but with USDC`,
      async (stage) => {
        const { extra: _, ...offer } = await goodOffer(stage)
        const site = await openSeller(stage, {
          ask: (seen) => challenge(seen, { ...offer, asset }),
          paid: (_nth, __, seen) => challenge(seen, { ...offer, asset }),
        })
        await tryThrice(stage, site.url + PATH, buy)
        return onlyTransfers(stage, String(offer.payTo), PRICE) ?? atMost(stage, 1)
      },
    ),
  ),
]

function scenario(kind: Scenario['kind'], name: string, run: Scenario['run']): Scenario {
  return { family: 'aixbt sellers', kind, name, needs: ['evm'], run }
}
