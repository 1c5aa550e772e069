import { encodeBase64, isObject, type JsonObject, parseHeader } from '../../encoding'

/** USDC where aixbt is paid, by CAIP-2 network: its terms may leave out what it is paid in. */
const USDC: ReadonlyMap<unknown, JsonObject> = new Map([
  ['eip155:8453', usdc('0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913', 'USD Coin')],
  ['eip155:84532', usdc('0x036CbD53842c5426634e7929541eC2318f3dCF7e', 'USDC')],
])
const HEADER = 'payment-required'

/** What an offer may leave out: the token, its EIP-712 name, and the time that official sellers give by default. */
function usdc(asset: string, name: string): JsonObject {
  return { asset, extra: { name, version: '2' }, maxTimeoutSeconds: 300 }
}

/** `send`, with the terms of aixbt made whole. What they do state stays, and is judged as ever. */
export function wholeTerms(send: typeof fetch): typeof fetch {
  return async (input, init) => {
    const response = await send(input, init)
    const { status, redirected, url, body } = response
    const terms = status === 402 && !redirected && parseHeader(response.headers.get(HEADER))
    if (!terms || !Array.isArray(terms.accepts)) return response
    const accepts = terms.accepts.map((offer) =>
      isObject(offer) ? { ...USDC.get(offer.network), ...offer } : offer,
    )
    const headers = new Headers(response.headers)
    headers.set(HEADER, encodeBase64(JSON.stringify({ ...terms, accepts })))
    const whole = new Response(body, { status, headers })
    Object.defineProperty(whole, 'url', { value: url })
    return whole
  }
}
