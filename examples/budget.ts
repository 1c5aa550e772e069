import {
  ARouter,
  type ARouterEvent,
  isARouterError,
  memoryStore,
  withX402EvmPayment,
} from '@arouter/sdk'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** A wallet with limits: what it may pay, who is asked and told, and what a refusal looks like. */
export async function run(baseURL: string, question = 'Hello') {
  const events: ARouterEvent['type'][] = []
  const client = withX402EvmPayment(
    new ARouter({ baseURL, apiKey: '' }),
    privateKeyToAccount(generatePrivateKey()),
    {
      maxPerPayment: '$1',
      budget: { limit: '$1', window: '1h' },
      approve: ({ amount }) => amount <= 1_000_000n,
      events: ({ type }) => events.push(type),
      store: memoryStore(),
    },
  )
  const ask = (content: string) =>
    client.chatCompletion({ model: 'arouter/echo', messages: [{ role: 'user', content }] })

  try {
    await ask(question)
    await ask(question)
    return { events, budget: await client.budget.status() }
  } catch (error) {
    if (!isARouterError(error)) throw error
    // no: nothing left the wallet. maybe: try again, the same payment is used. yes: credit is there.
    return { events, code: error.code, fundsMoved: error.fundsMoved }
  }
}
