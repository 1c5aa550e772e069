import type { Address } from '@solana/kit'
import { ExactSvmScheme } from '@x402/svm/exact/facilitator'
import { GatewayConfigError } from '../../GatewayConfigError'
import type { SolanaNetwork } from '../../networks'
import { verifySolanaSignature } from '../../siwx/verifySolanaSignature'
import type { Chain, ChainGround } from '../Chain'
import { withAccounts } from '../withAccounts'
import type { Balances } from './balances'
import { createSolanaChain, type SavedSolanaChain } from './solanaChain'
import { createFeePayer, createSolanaFacilitatorSigner } from './solanaFacilitatorSigner'
import { solanaRpc } from './solanaRpc'

/** A Solana network in memory. */
export async function createSolanaStub(
  network: SolanaNetwork,
  balances: Balances,
  { clock, payTo, history }: ChainGround,
): Promise<Chain> {
  const chain = createSolanaChain(network, balances, clock, payTo, history)
  const feePayer = await createFeePayer()
  const scheme = new ExactSvmScheme(createSolanaFacilitatorSigner(chain, feePayer))
  const noContracts = () => {
    throw new GatewayConfigError(`${network.id} has no contract wallets`)
  }
  return {
    network,
    // The stub keeps balances by owner, and must know the one of an account before that is paid.
    scheme: withAccounts(scheme, chain.tokenAccountOf),
    present: (payment, verdict) => verdict(payment.payload),
    offerExtra: () => {
      const { blockhash, lastValidBlockHeight } = chain.latestBlockhash()
      return {
        feePayer: feePayer.address,
        recentBlockhash: blockhash,
        lastValidBlockHeight: lastValidBlockHeight.toString(),
      }
    },
    rpc: (method, params) => solanaRpc(chain, method, params),
    balanceOf: async (address) => balances.of(address),
    setBalance: async (address, amount) => {
      balances.set(address, amount)
    },
    transfers: async () =>
      Promise.all(
        chain.receipts().map(async ({ signature, slot, transfer }) => {
          const { authority, destination, amount } = transfer
          const to = await chain.ownerOf(destination)
          return { transaction: signature, from: authority, to, amount, height: slot }
        }),
      ),
    submitAsStranger: async (payment) => {
      if (payment.kind !== 'solana') throw new Error('the payment is for another network')
      const transaction = `third-party-${payment.nonce}`
      await chain.submit(transaction, payment.transfer)
      return transaction
    },
    giveBack: async () => {
      throw new Error(`nothing is given back on ${network.id}`)
    },
    isSigned: (address, message, signature) =>
      verifySolanaSignature(address as Address, message, signature),
    holdNext: chain.holdNext,
    hasLanded: (transaction) => chain.receiptOf(transaction) !== undefined,
    catchUp: async () => undefined,
    advance: async (blocks) => chain.advance(blocks),
    deployWallet: noContracts,
    deployFactory: noContracts,
    reset: async () => chain.reset(),
    save: chain.save,
    load: (saved) => chain.load(saved as SavedSolanaChain), // What `save` made.
    close: async () => undefined,
  }
}
