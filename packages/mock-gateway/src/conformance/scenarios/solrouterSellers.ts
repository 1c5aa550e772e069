import { ask, tell } from '../ask'
import type { Json } from '../offers'
import { envelopeV1 } from '../offers'
import { atMost, noPayment, payments } from '../oracles'
import type { Scenario } from '../Scenario'
import { hadOnce, json, openSeller, told, tryThrice } from '../sellers'
import { challengeV1, goodOffer, originOf } from '../shop'
import type { Reply, Seen } from '../site'

const PATH = '/api/v1/x402/chat/completions'
const RECEIPT = 'x-payment-response'
const call: RequestInit = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ encryptedPrompt: 'sealed', model: 'gpt-oss:20b' }),
}

/** Terms of version 1, in the body alone. */
function challenge(seen: Seen, offer: Json, error = 'insufficient_funds'): Reply {
  return challengeV1(envelopeV1(originOf(seen), [offer], { error }))
}

const failed = (status: number, error: string, headers: Record<string, string> = {}) =>
  json(status, { error, detail: 'try again' }, headers)
const answer = (receipt: Json) =>
  json(200, { encryptedResponse: 'sealed answer', cost: 0.02 }, told(receipt, RECEIPT))

/** What a payment is answered by once it has settled; after that it is used. */
const failures: Readonly<Record<string, (receipt: Json) => Reply>> = {
  '502 comes': () => failed(502, 'tee_unreachable'),
  '502 comes with a receipt': (paid) => failed(502, 'tee_unreachable', told(paid, RECEIPT)),
  '503 comes': () => failed(503, 'billing_unavailable'),
  '402 comes without terms': () => failed(402, 'insufficient_funds'),
  'the connection breaks': () => 'reset',
}

export const solrouterSellers: readonly Scenario[] = [
  scenario('honest', 'a call is paid for by X-PAYMENT', async (stage) => {
    const offer = await goodOffer(stage)
    const site = await openSeller(stage, {
      ask: (seen) => challenge(seen, offer),
      paid: async (_, take) => answer(await take()),
    })
    const outcome = await tryThrice(stage, site.url + PATH, call)
    const isV1 = site.seen.some(({ headers }) => headers['x-payment'] !== undefined)
    return isV1 ? hadOnce(stage, outcome, 'sealed answer') : 'sent no X-PAYMENT'
  }),
  scenario(
    'honest',
    'a 200 that says success: false is handed on, and paid for once',
    async (stage) => {
      const offer = await goodOffer(stage)
      const site = await openSeller(stage, {
        ask: (seen) => challenge(seen, offer),
        paid: async (_, take) =>
          json(200, { success: false, error: 'tee_unreachable' }, told(await take(), RECEIPT)),
      })
      return hadOnce(stage, await tryThrice(stage, site.url + PATH, call), 'tee_unreachable')
    },
  ),
  scenario('honest', 'what was not settled is had for the same signature', async (stage) => {
    const offer = await goodOffer(stage)
    const site = await openSeller(stage, {
      ask: (seen) => challenge(seen, offer),
      paid: async (nth, take) =>
        nth === 1 ? failed(502, 'tee_unreachable') : answer(await take()),
    })
    return hadOnce(stage, await tryThrice(stage, site.url + PATH, call), 'sealed answer')
  }),
  scenario('honest', 'each of two calls is paid for at the price of the day', async (stage) => {
    const [dear, cheap] = [await goodOffer(stage), { ...(await goodOffer(stage)), amount: '10000' }]
    let sold = 0
    const site = await openSeller(stage, {
      ask: (seen) => challenge(seen, sold === 0 ? cheap : dear),
      paid: async (_, take) => {
        const receipt = await take()
        if (receipt.success === true) sold += 1
        return answer(receipt)
      },
    })
    const fetch = await stage.payer(site.url)
    const outcomes = [
      await ask(fetch, site.url + PATH, call),
      await ask(fetch, site.url + PATH, call),
    ]
    if (sold !== 2) return outcomes.map(tell).join(', ')
    return payments(stage).length === 2 ? undefined : `signed ${payments(stage).length} payments`
  }),
  ...Object.entries(failures).map(([name, fail]) =>
    scenario('attack', `a call is paid for and ${name}: three tries sign once`, async (stage) => {
      const offer = await goodOffer(stage)
      const site = await openSeller(stage, {
        ask: (seen) => challenge(seen, offer),
        paid: async (nth, take, seen) =>
          nth === 1 ? fail(await take()) : challenge(seen, offer, 'payment_already_used'),
      })
      await tryThrice(stage, site.url + PATH, call)
      return atMost(stage, 1)
    }),
  ),
  scenario('attack', 'a price that has risen past the limit is not paid', async (stage) => {
    const offer = { ...(await goodOffer(stage)), amount: '5000000' }
    const site = await openSeller(stage, {
      ask: (seen) => challenge(seen, offer),
      paid: () => failed(502, 'tee_unreachable'),
    })
    await tryThrice(stage, site.url + PATH, call)
    return noPayment(stage)
  }),
]

function scenario(kind: Scenario['kind'], name: string, run: Scenario['run']): Scenario {
  return { family: 'Solrouter sellers', kind, name, needs: ['v1'], run }
}
