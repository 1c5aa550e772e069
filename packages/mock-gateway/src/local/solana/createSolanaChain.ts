import { createHash } from 'node:crypto'
import type { Address, KeyPairSigner } from '@solana/kit'
import { createKeyPairSignerFromPrivateKeyBytes } from '@solana/kit'
import { toFacilitatorSvmSigner } from '@x402/svm'
import { ExactSvmScheme } from '@x402/svm/exact/facilitator'
import type { Chain, ChainGround } from '../../chain/Chain'
import { RpcError } from '../../chain/RpcError'
import { withAccounts } from '../../chain/withAccounts'
import { GatewayConfigError } from '../../GatewayConfigError'
import type { SolanaNetwork } from '../../networks'
import { verifySolanaSignature } from '../../siwx/verifySolanaSignature'
import { createProvide } from '../createProvide'
import { createLandings } from '../landings'
import { once } from '../once'
import { LOCAL } from './rpc/localMethods'
import type { SolanaNode } from './SolanaNode'

/** Clocks that differ by less are one. */
const SAME_CLOCK_MS = 500

/** A local Solana chain as a gateway uses it, with the official facilitator on it; `close` gives it up. */
export async function createSolanaChain(parts: {
  readonly node: SolanaNode
  readonly network: SolanaNetwork
  readonly ground: ChainGround
  readonly close: () => Promise<void>
}): Promise<Chain> {
  const { node, network, ground, close } = parts
  const { clock, payTo } = ground
  const feePayer = await feePayerOf(payTo)
  const official = toFacilitatorSvmSigner(feePayer, { defaultRpcUrl: node.url })
  const landings = createLandings(async (id) => (await node.landed(id)) === 'done')
  const accounts = new Map<string, Promise<void>>()
  const provided = new Map<string, Promise<void>>()
  let offset = 0

  // Nothing can be paid to an owner without an account.
  const openAccount = (owner: string) => once(accounts, owner, () => node.faucet(owner, 0n))
  const provide = createProvide(node, ground, provided)
  const follow = async () => {
    const ahead = clock.now() - Date.now()
    if (Math.abs(ahead - offset) >= SAME_CLOCK_MS) {
      offset = ahead
      node.follow(offset)
    }
    await node.told()
  }
  const begin = async () => {
    await follow()
    accounts.clear()
    provided.clear()
    await node.fundFees(feePayer.address)
    await openAccount(payTo)
  }
  await begin()
  const scheme = new ExactSvmScheme({
    ...official,
    confirmTransaction: async (id, on) => {
      landings.await(id)
      // It lands as it is sent: what is in no block by now was held back or lost.
      if ((await node.landed(id)) === 'no') throw new Error('the transaction has not landed')
      await official.confirmTransaction(id, on)
    },
  })
  const noContracts = () => {
    throw new GatewayConfigError(`${network.id} has no contract wallets`)
  }
  return {
    network,
    node,
    scheme: withAccounts(scheme, async (owner) => {
      await follow()
      await openAccount(owner)
    }),
    present: async (payment, verdict) => {
      await provide(payment.payer)
      return verdict(payment.payload)
    },
    offerExtra: () => ({ feePayer: feePayer.address, ...node.blockhash?.() }),
    rpc: async (method, params) => {
      if (method.startsWith(LOCAL)) throw new RpcError(-32601, 'Method not found')
      await follow()
      return node.request(method, params)
    },
    balanceOf: node.balanceOf,
    transfers: node.transfers,
    setBalance: (address, amount) => {
      const setting = node.setBalance(address, amount)
      provided.set(address, setting)
      return setting
    },
    submitAsStranger: async ({ payload }) => {
      const transaction = String(payload.transaction)
      return node.land(await official.signTransaction(transaction, feePayer.address, network.id))
    },
    giveBack: async () => {
      throw new Error(`nothing is given back on ${network.id}`)
    },
    isSigned: (address, message, signature) =>
      verifySolanaSignature(address as Address, message, signature), // An address of the network.
    holdNext: (dueAt) => node.holdNext(dueAt === undefined ? undefined : dueAt - offset),
    hasLanded: landings.has,
    catchUp: async () => {
      await follow()
      await landings.catchUp()
    },
    advance: async (blocks) => {
      await follow()
      await node.advance(blocks)
      await landings.catchUp()
    },
    deployWallet: noContracts,
    deployFactory: noContracts,
    reset: async () => {
      landings.reset()
      await node.reset()
      await begin()
    },
    save: () => undefined,
    load: () => undefined,
    close,
  }
}

/** Always the same for a receiver: a gateway that starts again settles what was signed for it before. */
function feePayerOf(payTo: string): Promise<KeyPairSigner> {
  const seed = createHash('sha256').update(`fee payer of ${payTo}`).digest()
  return createKeyPairSignerFromPrivateKeyBytes(Uint8Array.from(seed))
}
