import { ask } from '../ask'
import type { Json } from '../offers'
import { BASE, base64, envelope } from '../offers'
import { atMost, noPayment } from '../oracles'
import type { Scenario } from '../Scenario'
import { hadOnce, json, openSeller, told, tryThrice } from '../sellers'
import { goodOffer, originOf } from '../shop'
import type { Reply, Seen } from '../site'

const PATH = '/x402/access'
const REQUEST_ID = '3f0c6a52-9a43-4f0e-8f5e-6c3b2d1a0f9e'
const CROWD = 10

/** One order of a plan: the same bytes each time. */
const order = (): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ planId: 'basic', requestId: REQUEST_ID, resourceId: 'default' }),
})

/** A challenge as Key0 writes it: ids in the body, its own header, an extension without a schema. */
function challenge(seen: Seen, offer: Json): Reply {
  const origin = originOf(seen)
  const challengeId = 'http-5b0e'
  const terms = envelope(origin, [offer], {
    resource: { url: origin + PATH, method: 'POST' },
    extensions: { key0: { inputSchema: {}, outputSchema: {}, description: 'a plan' } },
  })
  return json(
    402,
    { ...terms, challengeId, requestId: REQUEST_ID, error: 'Payment required' },
    {
      'payment-required': base64(terms),
      'www-authenticate': `Payment realm="${origin}", accept="exact", challenge="${challengeId}"`,
    },
  )
}

const refuse = (status: number, code: string, headers: Record<string, string> = {}) =>
  json(status, { type: 'Error', code, message: code.toLowerCase() }, headers)
const used = refuse(402, 'PAYMENT_FAILED')
const grant = (receipt: Json) =>
  json(200, { type: 'AccessGrant', requestId: REQUEST_ID, accessToken: 'granted' }, told(receipt))

/** What a payment is answered by once it has settled and nothing came of it; after that its nonce is used. */
const failures: Readonly<Record<string, (receipt: Json) => Reply>> = {
  'no token can be made, with a receipt': (paid) => refuse(500, 'INTERNAL_ERROR', told(paid)),
  'no token can be made, without a receipt': () => refuse(500, 'INTERNAL_ERROR'),
  'the issuer fails': (paid) => refuse(502, 'TOKEN_ISSUE_FAILED', told(paid)),
  'the issuer is late': (paid) => refuse(504, 'TOKEN_ISSUE_TIMEOUT', told(paid)),
  'the backend fails': () => refuse(502, 'PROXY_ERROR'),
  'it was marked already': () => refuse(409, 'TX_ALREADY_REDEEMED'),
  'it is being refunded': () => refuse(409, 'CHALLENGE_NOT_PAID'),
  'its challenge is over': () => refuse(410, 'CHALLENGE_EXPIRED'),
  'it says that the payment failed, without terms': () => used,
}

export const key0Sellers: readonly Scenario[] = [
  scenario('honest', 'a challenge with ids and headers of its own is paid', async (stage) => {
    const offer = await goodOffer(stage)
    const site = await openSeller(stage, {
      ask: (seen) => challenge(seen, offer),
      paid: async (_, take) => grant(await take()),
    })
    return hadOnce(stage, await tryThrice(stage, site.url + PATH, order()), 'granted')
  }),
  scenario('honest', 'what cannot settle yet is had for the same signature', async (stage) => {
    const offer = await goodOffer(stage)
    const site = await openSeller(stage, {
      ask: (seen) => challenge(seen, offer),
      paid: async (nth, take) =>
        nth === 1 ? refuse(503, 'SETTLEMENT_FAILED') : grant(await take()),
    })
    return hadOnce(stage, await tryThrice(stage, site.url + PATH, order()), 'granted')
  }),
  ...Object.entries(failures).map(([name, fail]) =>
    scenario('attack', `a payment settles and ${name}: three tries sign once`, async (stage) => {
      const offer = await goodOffer(stage)
      const site = await openSeller(stage, {
        ask: (seen) => challenge(seen, offer),
        paid: async (nth, take) => (nth === 1 ? fail(await take()) : used),
      })
      await tryThrice(stage, site.url + PATH, order())
      return atMost(stage, 1)
    }),
  ),
  scenario('attack', `${CROWD} calls at once for one order sign once`, async (stage) => {
    const offer = await goodOffer(stage)
    let granted: Reply | undefined
    const site = await openSeller(stage, {
      ask: (seen) => granted ?? challenge(seen, offer),
      paid: async (_, take) => {
        granted = grant(await take())
        return granted
      },
    })
    const fetch = await stage.payer(site.url)
    await Promise.all(Array.from({ length: CROWD }, () => ask(fetch, site.url + PATH, order())))
    return atMost(stage, 1)
  }),
  scenario(
    'attack',
    "a plan on Base under the testnet's domain name is not signed",
    async (stage) => {
      const offer = { ...(await goodOffer(stage)), network: BASE }
      const extra = { name: 'USDC', version: '2', description: 'a plan' }
      const site = await openSeller(stage, {
        ask: (seen) => challenge(seen, { ...offer, extra }),
        paid: () => used,
      })
      await tryThrice(stage, site.url + PATH, order())
      return noPayment(stage)
    },
  ),
]

function scenario(kind: Scenario['kind'], name: string, run: Scenario['run']): Scenario {
  return { family: 'Key0 sellers', kind, name, needs: ['evm'], run }
}
