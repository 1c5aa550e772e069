import { memoryStore } from '@arouter/sdk'
import { type AgentWalletOptions, createAgentWallet } from '@arouter/sdk/agent'
import { key0 } from '@arouter/sdk/key0'
import type { MockGatewayOptions } from '../../packages/mock-gateway/src/options'
import { countingAccount, startGateway } from '../support/harness'

export const BASE = 'eip155:8453'
export const PLAN = { planId: 'basic' }
export const PRICE = 100_000n

/** A wallet and a Key0 seller on a socket. */
export async function key0Scene(
  options: MockGatewayOptions = {},
  limits: Partial<AgentWalletOptions> = {},
) {
  const gateway = await startGateway({ dialects: ['key0'], ...options })
  const { account, signed } = countingAccount()
  const store = { ...memoryStore(), durable: true }
  const open = (more: Partial<AgentWalletOptions> = {}) => {
    const wallet = createAgentWallet({
      evm: { signer: account },
      origins: [new URL(gateway.url).origin],
      store,
      rpc: { [BASE]: [gateway.rpc[BASE] ?? ''] },
      ...limits,
      ...more,
    })
    return { wallet, seller: key0(wallet, { baseURL: gateway.url }) }
  }
  const { state } = gateway
  return {
    gateway,
    signed,
    account,
    ...open(),
    /** The same wallet in a new process, on the same store unless `more` names another. */
    restart: open,
    sales: () => state.sales.length,
    /** How often each state was come to, over all challenges. */
    delivered: () => state.challenges.filter((one) => one.state === 'DELIVERED').length,
    requests: (path = '/x402/access') => state.requests.filter((one) => one.path === path).length,
  }
}
