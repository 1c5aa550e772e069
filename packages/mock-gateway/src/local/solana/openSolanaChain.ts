import { type Address, generateKeyPairSigner } from '@solana/kit'
import { toFacilitatorSvmSigner } from '@x402/svm'
import { ExactSvmScheme } from '@x402/svm/exact/facilitator'
import type { Chain, ChainGround } from '../../chain/Chain'
import { GatewayConfigError } from '../../GatewayConfigError'
import type { SolanaNetwork } from '../../networks'
import { verifySolanaSignature } from '../../siwx/verifySolanaSignature'
import { type SolanaNode, startSolanaNode } from './startSolanaNode'

/** What a wallet holds at first when balances are unlimited: a billion dollars. */
const PLENTY = 1_000_000_000_000_000n

/** A Solana chain of this process, the official facilitator with a funded key on it, and the wallets' first USDC. */
export async function openSolanaChain(
  network: SolanaNetwork,
  { clock, payTo, balances }: ChainGround,
): Promise<{ readonly chain: Chain; readonly node: SolanaNode }> {
  const node = await startSolanaNode(network, { clock: clock.now })
  const feePayer = await generateKeyPairSigner()
  const official = toFacilitatorSvmSigner(feePayer, { defaultRpcUrl: node.url })
  const provided = new Map<string, Promise<void>>()
  const provision = async () => {
    provided.clear()
    await node.fundFees(feePayer.address)
    // Nothing can be paid to an owner without an account.
    await node.faucet(payTo, 0n)
    if (balances === 'unlimited') return
    for (const [address, amount] of balances) {
      if (!address.startsWith('0x')) await node.faucet(address, amount)
    }
  }
  await provision()
  const provide = async (address: string) => {
    if ((await node.balanceOf(address)) === 0n) await node.faucet(address, PLENTY)
  }
  const noContracts = () => {
    throw new GatewayConfigError(`${network.id} has no contract wallets`)
  }
  const scheme = new ExactSvmScheme({
    ...official,
    confirmTransaction: async (id, on) => {
      // The chain is in this process: what is in no block by now was held back or lost.
      if (node.landed(id) === 'no') throw new Error('the transaction has not landed')
      await official.confirmTransaction(id, on)
    },
  })
  const chain: Chain = {
    network,
    scheme,
    present: async (payment, verdict) => {
      const { payer } = payment
      const gift = provided.get(payer) ?? (balances === 'unlimited' ? provide(payer) : undefined)
      if (gift) provided.set(payer, gift)
      await gift
      return verdict(payment.payload)
    },
    offerExtra: () => ({ feePayer: feePayer.address, ...node.blockhash() }),
    rpc: node.call,
    balanceOf: node.balanceOf,
    transfers: node.transfers,
    setBalance: async (address, amount) => {
      provided.set(address, Promise.resolve())
      await node.setBalance(address, amount)
    },
    submitAsStranger: async ({ payload }) => {
      const signed = await official.signTransaction(
        String(payload.transaction),
        feePayer.address,
        network.id,
      )
      return official.sendTransaction(signed, network.id)
    },
    giveBack: async () => {
      throw new Error(`nothing is given back on ${network.id}`)
    },
    isSigned: (address, message, signature) =>
      verifySolanaSignature(address as Address, message, signature),
    holdNext: node.holdNext,
    hasLanded: (id) => node.landed(id) === 'done',
    catchUp: async () => undefined,
    advance: node.advance,
    deployWallet: noContracts,
    deployFactory: noContracts,
    reset: async () => {
      node.reset()
      await provision()
    },
    save: () => undefined,
    load: () => undefined,
    close: node.close,
  }
  return { chain, node }
}
