import { randomBytes } from 'node:crypto'
import { ExactEvmScheme } from '@x402/evm/exact/facilitator'
import type { Hex } from 'viem'
import type { EvmNetwork } from '../../networks'
import type { Chain, ChainGround } from '../Chain'
import { shownToHost } from '../shownToHost'
import type { Balances } from './balances'
import { createEvmChain, type SavedEvmChain } from './evmChain'
import { createEvmFacilitatorSigner } from './evmFacilitatorSigner'
import { evmRpc } from './evmRpc'
import { verifyEvmSignature } from './verifyEvmSignature'

/** For how long what is given back may land. */
const GIVE_BACK_SECONDS = 300n

/** An EVM network in memory. */
export function createEvmStub(
  network: EvmNetwork,
  balances: Balances,
  { clock, history }: ChainGround,
): Chain {
  const chain = createEvmChain(network, balances, clock, history)
  const signer = createEvmFacilitatorSigner(chain)
  // The facilitator deploys nothing for a payer but by a factory it was told to trust.
  const rules = { eip6492AllowedFactories: chain.factories, simulateInSettle: true }
  return {
    network,
    scheme: new ExactEvmScheme(signer, rules),
    present: shownToHost(signer, network, clock),
    offerExtra: () => ({ name: network.name, version: network.version }),
    rpc: async (method, params) => evmRpc(chain, method, params),
    balanceOf: async (address) => balances.of(address),
    setBalance: async (address, amount) => {
      balances.set(address, amount)
    },
    transfers: async () => chain.transfers(),
    submitAsStranger: async (payment) => {
      if (payment.kind !== 'evm') throw new Error('the payment is for another network')
      return chain.submit(payment.authorization)
    },
    giveBack: async (from, to, value) =>
      chain.submit({
        from: from as Hex, // The gateway's own address, and one that has paid it.
        to: to as Hex,
        value,
        validAfter: 0n,
        validBefore: chain.timestamp() + GIVE_BACK_SECONDS,
        nonce: `0x${randomBytes(32).toString('hex')}`,
      }),
    isSigned: (address, message, signature) =>
      verifyEvmSignature(chain, address as Hex, message, signature),
    holdNext: chain.holdNext,
    hasLanded: (transaction) => chain.receiptOf(transaction) !== undefined,
    catchUp: async () => undefined,
    advance: async (blocks) => chain.advance(blocks),
    deployWallet: chain.deploy,
    deployFactory: chain.addFactory,
    reset: async () => chain.reset(),
    save: chain.save,
    load: (saved) => chain.load(saved as SavedEvmChain), // What `save` made.
    close: async () => undefined,
  }
}
