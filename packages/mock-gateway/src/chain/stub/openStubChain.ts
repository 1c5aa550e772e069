import type { ChainSource } from '../Chain'
import { createBalances } from './balances'
import { createEvmStub } from './createEvmStub'
import { createSolanaStub } from './createSolanaStub'

/** A chain in memory, whose blocks follow the gateway's clock. */
export const openStubChain: ChainSource['open'] = async (network, ground) => {
  const balances = createBalances(ground.balances, ground.payTo)
  return network.kind === 'evm'
    ? createEvmStub(network, balances, ground)
    : createSolanaStub(network, balances, ground)
}
