import { wrapAxiosWithPayment, x402Client } from '@x402/axios'
import { ExactEvmScheme } from '@x402/evm'
import axios from 'axios'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** The gateway speaks plain x402: here without this SDK, with the official client for axios. */
export async function run(baseURL: string) {
  const account = privateKeyToAccount(generatePrivateKey())
  const client = new x402Client().register('eip155:*', new ExactEvmScheme(account))
  const api = wrapAxiosWithPayment(axios.create({ baseURL }), client)

  const { status, headers } = await api.post('/v1/chat/completions', {
    model: 'openai/gpt-4o',
    messages: [{ role: 'user', content: 'Hello' }],
  })
  // It holds the token that spends what was bought; this client does not use it.
  const receipt: unknown = headers['payment-response']
  return { status, receipt: String(receipt) }
}
