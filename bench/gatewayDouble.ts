import type { PaymentRequired } from '@x402/core/types'

/** What the double asks of a request without credentials. */
export type Terms = 'none' | 'session' | 'each'

const completion = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_763_712_000,
  model: 'gpt-5-mini',
  choices: [
    { index: 0, message: { role: 'assistant', content: 'Hello there.' }, finish_reason: 'stop' },
  ],
  usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
})

const offer: PaymentRequired = {
  x402Version: 2,
  resource: { url: 'https://gateway.example/v1/chat/completions' },
  accepts: [
    {
      scheme: 'exact',
      network: 'eip155:8453',
      amount: '10000',
      asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
      payTo: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
      maxTimeoutSeconds: 60,
      extra: { name: 'USD Coin', version: '2' },
    },
  ],
}

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')

/**
 * A gateway as a `fetch` in this process. `none` serves everything; `session` wants one payment and
 * then serves its token; `each` wants a payment for every request, and gives no token.
 */
export function gatewayDouble(terms: Terms, payer: string): typeof fetch {
  const required = { 'payment-required': base64(offer) }
  const receipt = {
    success: true,
    transaction: `0x${'ab'.repeat(32)}`,
    network: 'eip155:8453',
    payer,
  }
  const claims = { sub: payer, exp: Math.floor(Date.now() / 1_000) + 86_400 }
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const jwt = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.${'A'.repeat(43)}`
  const paid = { 'payment-response': base64(terms === 'session' ? { ...receipt, jwt } : receipt) }
  const json = { 'content-type': 'application/json' }
  return async (input, init) => {
    const headers = new Headers(input instanceof Request ? input.headers : init?.headers)
    const url = input instanceof Request ? input.url : String(input)
    if (url.endsWith('/v1/x402/auth')) return new Response('{}', { status: 404, headers: json })
    if (headers.has('payment-signature'))
      return new Response(completion, { headers: { ...json, ...paid } })
    if (terms === 'none' || headers.get('authorization') === `Bearer ${jwt}`) {
      return new Response(completion, { headers: json })
    }
    return new Response('{}', { status: 402, headers: { ...json, ...required } })
  }
}
