import { type PayerFactory, runConformance } from '@arouter/mock-gateway/conformance'
import { memoryStore } from '@arouter/sdk'
import { createAgentWallet } from '@arouter/sdk/agent'
import { expect, test } from 'vitest'

const agent: PayerFactory = (baseURL, { evm, solana }) =>
  createAgentWallet({
    origins: [baseURL],
    evm: { signer: evm },
    solana: { signer: solana },
    maxPerPayment: '$0.10',
    budget: { limit: '$1' },
    store: memoryStore(),
  }).fetch

test.each(['Key0 sellers', 'aixbt sellers', 'Solrouter sellers'] as const)(
  "an agent's wallet passes every scenario of %s by its plain fetch",
  async (family) => {
    const { results, unhandledRejections } = await runConformance(agent, { family })
    expect(results.filter(({ verdict }) => verdict !== 'passed')).toEqual([])
    expect(results.length).toBeGreaterThanOrEqual(10)
    expect(unhandledRejections).toBe(0)
  },
)
