import type { Json } from '../offers'
import { base64, STRANGER, USDC } from '../offers'

export const DOMAIN = { name: 'USD Coin', version: '2' }

/** A good offer in another dress. */
export const dresses: Readonly<Record<string, (offer: Json) => Json>> = {
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
export const envelopes: Readonly<Record<string, (origin: string) => Json>> = {
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
export const neighbours: Readonly<Record<string, (offer: Json) => Json>> = {
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
export const solanaDresses: Readonly<Record<string, (extra: Json) => Json>> = {
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

/** What else a 402 may have beside its terms in a header. */
export const challenges = {
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
}

/** The headers of a paid answer, given its receipt. */
export const receipts: Readonly<
  Record<string, (receipt: Json) => Readonly<Record<string, string>>>
> = {
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
}
