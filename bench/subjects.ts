import { ARouter, memoryStore, withX402EvmPayment } from '@arouter/sdk'
import { x402Client } from '@x402/core/client'
import { ExactEvmScheme } from '@x402/evm/exact/client'
import { wrapFetchWithPayment } from '@x402/fetch'
import OpenAI from 'openai'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** The wallet of every subject. */
export const account = privateKeyToAccount(generatePrivateKey())

/** Where the subjects believe the double to be. */
export const baseURL = 'https://gateway.example'

/** The request of every subject: two kilobytes of JSON. */
export const chat = {
  model: 'gpt-5-mini',
  messages: [{ role: 'user' as const, content: 'Say hello. '.repeat(180) }],
}

/** The init of the same request for a plain fetch. */
export const post = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(chat),
} as const

/** Our client, with a wallet that may pay for the whole run. */
export function arouter(customFetch: typeof fetch): ARouter {
  return withX402EvmPayment(new ARouter({ baseURL, apiKey: '', customFetch }), account, {
    networks: ['eip155:8453'],
    budget: { limit: '$100000', window: '24h' },
    store: memoryStore(),
  })
}

/** The official client's fetch. */
export function official(send: typeof fetch): typeof fetch {
  return wrapFetchWithPayment(
    send,
    new x402Client().register('eip155:*', new ExactEvmScheme(account)),
  )
}

/** The client of OpenAI. */
export function openai(send: typeof fetch): OpenAI {
  return new OpenAI({ apiKey: 'unused', baseURL: `${baseURL}/v1`, fetch: send })
}
