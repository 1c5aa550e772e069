import type { GatewayClock } from '../clock'
import type { EvmNetwork, Network, SolanaNetwork } from '../networks'
import { createBalances } from './balances'
import type { EvmChain } from './evmChain'
import { createEvmChain } from './evmChain'
import type { SolanaChain } from './solanaChain'
import { createSolanaChain } from './solanaChain'

/** One stub chain per accepted network, in the order of the offers. */
export type Chain = EvmChain | SolanaChain

/** Whether a chain is an EVM one. */
export function isEvmChain(chain: Chain): chain is EvmChain {
  return chain.network.kind === 'evm'
}

/** A chain for each network that starts with the given balances and keeps the last `history` transfers. */
export function createChains(
  networks: readonly Network[],
  balances: 'unlimited' | ReadonlyMap<string, bigint>,
  payTo: (network: EvmNetwork | SolanaNetwork) => string,
  clock: GatewayClock,
  history: number,
): readonly Chain[] {
  return networks.map((network) => {
    const receiver = payTo(network)
    const held = createBalances(balances, receiver)
    return network.kind === 'evm'
      ? createEvmChain(network, held, clock, history)
      : createSolanaChain(network, held, clock, receiver, history)
  })
}
