import { askChat, isServed, tell } from '../ask'
import type { Json } from '../offers'
import { BASE, base64, envelope, SOLANA, SOLANA_STRANGER, STRANGER, USDC } from '../offers'
import { payments } from '../oracles'
import type { Capability, Scenario } from '../Scenario'
import { challenge, challengeV1, goodOffer, honestShop, shopOf, shopOfV1 } from '../shop'
import type { Site } from '../site'
import type { Stage } from '../stage'

const DOMAIN = { name: 'USD Coin', version: '2' }

/** A good offer in another dress. */
const dresses: Readonly<Record<string, (offer: Json) => Json>> = {
  'the plainest offer': (offer) => offer,
  'a payee in small letters': (offer) => ({ ...offer, payTo: String(offer.payTo).toLowerCase() }),
  'a payee in capitals': (offer) => ({
    ...offer,
    payTo: `0x${String(offer.payTo).slice(2).toUpperCase()}`,
  }),
  'a token in small letters': (offer) => ({ ...offer, asset: USDC.toLowerCase() }),
  'a token in capitals': (offer) => ({ ...offer, asset: `0x${USDC.slice(2).toUpperCase()}` }),
  'fields in another order': (offer) => Object.fromEntries(Object.entries(offer).reverse()),
  'an unknown field in the offer': (offer) => ({ ...offer, tier: 'gold', bonus: { percent: 5 } }),
  'an unknown field in extra': (offer) => ({
    ...offer,
    extra: { ...DOMAIN, tier: 1, tags: ['a'] },
  }),
  'the decimals of USDC in extra': (offer) => ({ ...offer, extra: { ...DOMAIN, decimals: 6 } }),
  'the transfer method of EIP-3009 by its name': (offer) => ({
    ...offer,
    extra: { ...DOMAIN, assetTransferMethod: 'eip3009' },
  }),
  'the payment flow authorization': (offer) => ({
    ...offer,
    extra: { ...DOMAIN, paymentFlow: 'authorization' },
  }),
  'the payment flow upfront': (offer) => ({
    ...offer,
    extra: { ...DOMAIN, paymentFlow: 'upfront' },
  }),
  'a symbol and a logo in extra': (offer) => ({
    ...offer,
    extra: { ...DOMAIN, symbol: 'USDC', logo: 'https://cdn.example/usdc.svg' },
  }),
  'a description of the offer': (offer) => ({ ...offer, description: 'Zehn Anfragen für 5 ¢ ☕' }),
  'the old fields of version 1 beside': (offer) => ({
    ...offer,
    maxAmountRequired: offer.amount,
    resource: '/v1/chat/completions',
    mimeType: 'application/json',
  }),
  'a time of 30 seconds': (offer) => ({ ...offer, maxTimeoutSeconds: 30 }),
  'a time of 60 seconds': (offer) => ({ ...offer, maxTimeoutSeconds: 60 }),
  'a time of two minutes': (offer) => ({ ...offer, maxTimeoutSeconds: 120 }),
  'a time of five minutes': (offer) => ({ ...offer, maxTimeoutSeconds: 300 }),
  'a time of ten minutes': (offer) => ({ ...offer, maxTimeoutSeconds: 600 }),
}

/** Good envelopes, given a good offer and the origin. */
const envelopes: Readonly<Record<string, (origin: string) => Json>> = {
  'an envelope without an error': () => ({ error: undefined }),
  'an error of many words': () => ({
    error: 'Payment required: top up "credit" — see the docs. ☕',
  }),
  'no extensions': () => ({ extensions: {} }),
  'an extension for finding services': () => ({
    extensions: { bazaar: { info: { input: { type: 'http' } }, schema: { type: 'object' } } },
  }),
  'an extension nobody knows': () => ({ extensions: { 'x-loyalty': { info: { points: 12 } } } }),
  'an optional payment identifier': () => ({
    extensions: { 'payment-identifier': { info: { required: false }, schema: {} } },
  }),
  'an unknown field in the envelope': () => ({ gateway: 'v7', retryable: true, list: [1, 2, 3] }),
  'a resource with all its fields': (origin) => ({
    resource: {
      url: `${origin}/v1/chat/completions`,
      description: 'Chat — für alle',
      mimeType: 'application/json',
      serviceName: 'Gateway',
      tags: ['llm', 'chat'],
      iconUrl: 'https://cdn.example/icon.png',
    },
  }),
  'a resource with its address only': (origin) => ({
    resource: { url: `${origin}/v1/chat/completions` },
  }),
  'a resource with a query': (origin) => ({
    resource: { url: `${origin}/v1/chat/completions?model=a%20b&n=1` },
  }),
  'a resource of another path': (origin) => ({ resource: { url: `${origin}/credit` } }),
  'a resource in capitals': (origin) => ({
    resource: { url: `${origin.replace('http', 'HTTP')}/v1/chat/completions` },
  }),
}

/** What else may stand in the list beside a good offer. */
const neighbours: Readonly<Record<string, (offer: Json) => Json>> = {
  'a dearer offer': (offer) => ({ ...offer, amount: '100000' }),
  'an offer that is too dear': (offer) => ({ ...offer, amount: '5000000' }),
  'an offer of a million dollars': (offer) => ({ ...offer, amount: '1000000000000' }),
  'an offer on Base Sepolia': (offer) => ({
    ...offer,
    network: 'eip155:84532',
    asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
    extra: { name: 'USDC', version: '2' },
  }),
  'an offer on Polygon': (offer) => ({
    ...offer,
    network: 'eip155:137',
    asset: '0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359',
  }),
  'an offer on a chain nobody knows': (offer) => ({
    ...offer,
    network: 'sui:mainnet',
    asset: '0x2::sui',
  }),
  'an offer in another token': (offer) => ({
    ...offer,
    asset: '0x60a3E35Cc302bFA44Cb288Bc5a4F316Fdb1adb42',
    extra: { name: 'EURC', version: '2' },
  }),
  'an offer of the scheme upto': (offer) => ({
    ...offer,
    scheme: 'upto',
    extra: { ...DOMAIN, facilitatorAddress: STRANGER },
  }),
  'an offer of the scheme batch-settlement': (offer) => ({ ...offer, scheme: 'batch-settlement' }),
  'an offer of the scheme deferred': (offer) => ({ ...offer, scheme: 'deferred' }),
}

/** A good offer on Solana in another dress. */
const solanaDresses: Readonly<Record<string, (extra: Json) => Json>> = {
  'the plainest offer': (extra) => extra,
  'a memo': (extra) => ({ ...extra, memo: 'order 4711' }),
  'a memo of 256 bytes': (extra) => ({ ...extra, memo: 'm'.repeat(256) }),
  'the decimals of USDC': (extra) => ({ ...extra, decimals: 6 }),
  'the token program by its address': (extra) => ({
    ...extra,
    tokenProgram: 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA',
  }),
  'an unknown field in extra': (extra) => ({ ...extra, cluster: 'mainnet-beta', tags: [] }),
}

export const honestOffers: readonly Scenario[] = [
  ...Object.entries(dresses).map(([name, dress]) =>
    honest(name, ['evm'], async (stage) => {
      const offer = await goodOffer(stage)
      return paidOnce(stage, await shopOf(stage, [dress(offer)]))
    }),
  ),
  ...[1n, 10_000n, 100_000n].map((amount) =>
    honest(`an offer of ${amount} units`, ['evm'], async (stage) =>
      paidOnce(stage, await shopOf(stage, [await goodOffer(stage, BASE, amount)])),
    ),
  ),
  ...Object.entries(envelopes).map(([name, changes]) =>
    honest(name, ['evm'], async (stage) => {
      const offer = await goodOffer(stage)
      const ask = (origin: string) => challenge(envelope(origin, [offer], changes(origin)))
      return paidOnce(stage, await honestShop(stage, { ask }))
    }),
  ),
  ...Object.entries(neighbours).flatMap(([name, neighbour]) =>
    (['before', 'after'] as const).map((place) =>
      honest(`${name} ${place} a good one`, ['evm'], async (stage) => {
        const offer = await goodOffer(stage)
        const pair = [neighbour(offer), offer]
        return paidOnce(stage, await shopOf(stage, place === 'before' ? pair : pair.reverse()))
      }),
    ),
  ),
  // Before a good one it may be taken by who means to, and this shop's till does not take it.
  honest('an offer by Permit2 after a good one', ['evm'], async (stage) => {
    const offer = await goodOffer(stage)
    const permit2 = { ...offer, extra: { ...DOMAIN, assetTransferMethod: 'permit2' } }
    return paidOnce(stage, await shopOf(stage, [offer, permit2]))
  }),
  honest('every one of these beside a good one', ['evm'], async (stage) => {
    const offer = await goodOffer(stage)
    const others = Object.values(neighbours).map((neighbour) => neighbour(offer))
    return paidOnce(stage, await shopOf(stage, [...others.slice(0, 6), offer, ...others.slice(6)]))
  }),
  honest('16 offers', ['evm'], async (stage) => {
    const offer = await goodOffer(stage)
    const dear = Array.from({ length: 15 }, (_, at) => ({ ...offer, amount: `${at + 1}00000000` }))
    return paidOnce(stage, await shopOf(stage, [...dear, offer]))
  }),
  ...[0, 1, 2, 3, 4, 5].map((turn) =>
    honest(`four sizes, turned by ${turn}`, ['evm'], async (stage) => {
      const offers = await stage.till.offers(BASE)
      const all = [
        ...offers,
        { ...offers[0], amount: '2000000' },
        { ...offers[0], amount: '9000000' },
      ]
      return paidOnce(stage, await shopOf(stage, [...all.slice(turn), ...all.slice(0, turn)]))
    }),
  ),
  ...Object.entries(solanaDresses).map(([name, dress]) =>
    honest(`${name}, on Solana`, ['solana'], async (stage) => {
      const offer = await goodOffer(stage, SOLANA)
      return paidOnce(stage, await shopOf(stage, [{ ...offer, extra: dress(offer.extra as Json) }]))
    }),
  ),
  ...[1n, 100_000n].map((amount) =>
    honest(`an offer of ${amount} units, on Solana`, ['solana'], async (stage) =>
      paidOnce(stage, await shopOf(stage, [await goodOffer(stage, SOLANA, amount)])),
    ),
  ),
  honest('another token before a good one, on Solana', ['solana'], async (stage) => {
    const offer = await goodOffer(stage, SOLANA)
    return paidOnce(stage, await shopOf(stage, [{ ...offer, asset: SOLANA_STRANGER }, offer]))
  }),
  ...(['eip155', 'solana'] as const).map((first) =>
    honest(`both chains, ${first} first`, [['evm', 'solana']], async (stage) => {
      const pair = [await goodOffer(stage), await goodOffer(stage, SOLANA)]
      return paidOnce(stage, await shopOf(stage, first === 'eip155' ? pair : pair.reverse()))
    }),
  ),
  honest('an offer in version 1', ['v1'], async (stage) =>
    paidOnce(stage, await shopOfV1(stage, [await goodOffer(stage)])),
  ),
  honest('an offer in version 1 with an output schema', ['v1'], async (stage) => {
    const offer = { ...(await goodOffer(stage)), outputSchema: { output: { type: 'object' } } }
    return paidOnce(stage, await shopOfV1(stage, [offer]))
  }),
  honest('an offer in version 1 with unknown fields', ['v1'], async (stage) => {
    const offer = { ...(await goodOffer(stage)), tier: 'gold' }
    return paidOnce(stage, await shopOfV1(stage, [offer], { gateway: 'v7' }))
  }),
  honest('an offer in version 1 beside one too dear', ['v1'], async (stage) => {
    const offer = await goodOffer(stage)
    return paidOnce(stage, await shopOfV1(stage, [{ ...offer, amount: '9000000' }, offer]))
  }),
  honest('version 2 in the header and version 1 in the body', ['evm'], async (stage) => {
    const offer = await goodOffer(stage)
    const ask = (origin: string) => {
      const legacy = challengeV1({ x402Version: 1, error: 'payment required', accepts: [] })
      const body = typeof legacy === 'string' ? '' : legacy.body
      return challenge(envelope(origin, [offer]), body === undefined ? {} : { body })
    }
    return paidOnce(stage, await honestShop(stage, { ask }))
  }),
  ...Object.entries({
    'a 402 with an empty body': { body: '' },
    'a 402 with a page of HTML': {
      body: '<!doctype html><title>402</title>',
      headers: { 'content-type': 'text/html' },
    },
    'a 402 with a body of null': { body: 'null' },
    'a 402 with many other headers': {
      headers: Object.fromEntries(
        Array.from({ length: 40 }, (_, at) => [`x-extra-${at}`, 'v'.repeat(100)]),
      ),
    },
    'a 402 with cookies': { headers: { 'set-cookie': ['a=1; Path=/', 'b=2; HttpOnly'] } },
    'a 402 with advice on caching': { headers: { 'cache-control': 'no-store', vary: '*' } },
    'a 402 with a way to sign in': { headers: { 'www-authenticate': 'Bearer realm="gateway"' } },
    'a 402 with a Retry-After': { headers: { 'retry-after': '0' } },
  }).map(([name, more]) =>
    honest(name, ['evm'], async (stage) => {
      const offer = await goodOffer(stage)
      const ask = (origin: string) => challenge(envelope(origin, [offer]), more)
      return paidOnce(stage, await honestShop(stage, { ask }))
    }),
  ),
  ...Object.entries<(receipt: Json) => Readonly<Record<string, string>>>({
    'no receipt': () => ({}),
    'a receipt without a payer': ({ payer: _, ...receipt }) => ({
      'payment-response': base64(receipt),
    }),
    'a receipt whose payer is in small letters': (receipt) => ({
      'payment-response': base64({ ...receipt, payer: String(receipt.payer).toLowerCase() }),
    }),
    'a receipt with unknown fields': (receipt) => ({
      'payment-response': base64({ ...receipt, settledAt: 1, extensions: { a: {} } }),
    }),
    'a receipt that cannot be read': () => ({ 'payment-response': '%%%' }),
    'a receipt under the name of version 1': (receipt) => ({
      'x-payment-response': base64(receipt),
    }),
  }).map(([name, headers]) =>
    honest(`${name} after a payment`, ['evm'], async (stage) => {
      const offer = await goodOffer(stage)
      const ask = (origin: string) => challenge(envelope(origin, [offer]))
      const serve = ({ jwt: _, ...receipt }: Json) => ({
        headers: headers(receipt),
        body: 'served',
      })
      return paidOnce(stage, await honestShop(stage, { ask, serve }))
    }),
  ),
  honest('three payments for three calls', ['evm'], async (stage) => {
    const site = await shopOf(stage, [await goodOffer(stage)])
    const fetch = await stage.payer(site.url)
    for (let i = 0; i < 3; i += 1) {
      const outcome = await askChat(fetch, site.url)
      if (!isServed(outcome)) return `call ${i + 1}: ${tell(outcome)}`
    }
    return payments(stage).length === 3 ? undefined : `${payments(stage).length} payments`
  }),
  honest('a payee in small letters on the second call', ['evm'], async (stage) => {
    let offer = await goodOffer(stage)
    const ask = (origin: string) => challenge(envelope(origin, [offer]))
    const site = await honestShop(stage, { ask })
    const fetch = await stage.payer(site.url)
    const first = await askChat(fetch, site.url)
    offer = { ...offer, payTo: String(offer.payTo).toLowerCase() }
    const second = await askChat(fetch, site.url)
    return isServed(first) && isServed(second) ? undefined : `${tell(first)}, ${tell(second)}`
  }),
  honest('a lower price on the second call', ['evm'], async (stage) => {
    let amount = 100_000n
    const offers = await stage.till.offers(BASE)
    const site = await honestShop(stage, {
      ask: (origin) =>
        challenge(
          envelope(
            origin,
            offers.filter((offer) => offer.amount === `${amount}`),
          ),
        ),
    })
    const fetch = await stage.payer(site.url)
    const first = await askChat(fetch, site.url)
    amount = 10_000n
    const second = await askChat(fetch, site.url)
    return isServed(first) && isServed(second) ? undefined : `${tell(first)}, ${tell(second)}`
  }),
]

function honest(
  name: string,
  needs: readonly (Capability | readonly Capability[])[],
  run: Scenario['run'],
): Scenario {
  return { family: 'honest offers', kind: 'honest', name, needs, run }
}

async function paidOnce(stage: Stage, site: Site): Promise<string | undefined> {
  const outcome = await askChat(await stage.payer(site.url), site.url)
  if (!isServed(outcome)) return `was not served: ${tell(outcome)}`
  const made = payments(stage).length
  return made === 1 ? undefined : `signed ${made} payments`
}
