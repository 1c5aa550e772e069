import { type Address, generateKeyPairSigner } from '@solana/kit'
import { toFacilitatorSvmSigner } from '@x402/svm'
import { ExactSvmScheme } from '@x402/svm/exact/facilitator'
import type { Chain, ChainGround } from '../../chain/Chain'
import { GatewayConfigError } from '../../GatewayConfigError'
import type { SolanaNetwork } from '../../networks'
import { verifySolanaSignature } from '../../siwx/verifySolanaSignature'
import { type SolanaNode, startSolanaNode } from './startSolanaNode'
import { withGifts } from './withGifts'

/** What a wallet holds at first when balances are unlimited: a billion dollars. */
const PLENTY = 1_000_000_000_000_000n

/** A Solana chain of this process, the official facilitator with a funded key on it, and the wallets' first USDC. */
export async function openSolanaChain(
  network: SolanaNetwork,
  { clock, payTo, balances }: ChainGround,
): Promise<{ readonly chain: Chain; readonly node: SolanaNode }> {
  const node = await startSolanaNode(network, { clock: clock.now })
  const feePayer = await generateKeyPairSigner()
  const opened = new Map<string, Promise<void>>()
  const provided = new Map<string, Promise<void>>()
  // Nothing can be paid to an owner without an account.
  const openAccount = (address: string) => once(opened, address, () => node.faucet(address, 0n))
  const provide = (address: string) =>
    once(provided, address, async () => {
      if ((await node.balanceOf(address)) === 0n) await node.faucet(address, PLENTY)
    })
  const provision = async () => {
    opened.clear()
    provided.clear()
    await node.fundFees(feePayer.address)
    await openAccount(payTo)
    if (balances === 'unlimited') return
    for (const [address, amount] of balances) {
      if (!address.startsWith('0x')) await node.faucet(address, amount)
    }
  }
  await provision()
  const noContracts = () => {
    throw new GatewayConfigError(`${network.id} has no contract wallets`)
  }
  const official = toFacilitatorSvmSigner(feePayer, { defaultRpcUrl: node.url })
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
    scheme: withGifts(scheme, {
      payee: openAccount,
      payer: balances === 'unlimited' ? provide : async () => undefined,
    }),
    present: (payment, verdict) => verdict(payment.payload),
    offerExtra: () => ({ feePayer: feePayer.address, ...node.blockhash() }),
    rpc: node.call,
    balanceOf: node.balanceOf,
    transfers: node.transfers,
    setBalance: async (address, amount) => {
      const set = node.setBalance(address, amount)
      provided.set(address, set)
      await set
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

/** Does something for an address the first time; those who come meanwhile wait for it. */
function once(
  done: Map<string, Promise<void>>,
  address: string,
  work: () => Promise<void>,
): Promise<void> {
  const known = done.get(address) ?? work()
  done.set(address, known)
  return known
}
