import { ARouter, memoryStore, withX402EvmPayment } from '@arouter/sdk'
import { createAgentWallet } from '@arouter/sdk/agent'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { countingAccount, startGateway } from '../support/harness'

// Hono's server on Node, for one, puts classes of its own in these places: what `fetch` makes is not of them.
const Native = { Request, Response }
beforeEach(() => {
  vi.stubGlobal('Response', class extends Response {})
  vi.stubGlobal('Request', class extends Request {})
})
afterEach(() => vi.unstubAllGlobals())

test('a payment that is answered without a body is one where Response is not the one of fetch', async () => {
  const gateway = await startGateway()
  const bare: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init)
    if (!answer.ok) return answer
    await answer.text()
    return new Native.Response(null, { headers: answer.headers })
  }
  const config = { baseURL: gateway.url, apiKey: '', customFetch: bare }
  const { account } = countingAccount()
  const client = withX402EvmPayment(new ARouter(config), account, {
    store: memoryStore(),
    signIn: 'never',
  })
  const answer = await client.fetch('/v1/x402/chat?model=auto&message=hi')
  expect(answer.status).toBe(200)
  expect(gateway.state.counts().payments).toBe(1)
})

test('an agent wallet takes a Request of another class, and shares what it buys', async () => {
  const gateway = await startGateway({ dialects: ['x402'] })
  const { account } = countingAccount()
  const origins = [gateway.url]
  const wallet = createAgentWallet({ evm: { signer: account }, origins, store: memoryStore() })
  const want = () => wallet.fetch(new Native.Request(`${gateway.url}/weather`))
  const answers = await Promise.all(Array.from({ length: 10 }, want))
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
  expect(gateway.state.sales).toHaveLength(1)
})
