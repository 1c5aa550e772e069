import { isAddress } from '@solana/kit'
import { GatewayConfigError } from '../../GatewayConfigError'
import type { SolanaNetwork } from '../../networks'
import type { LocalNode } from '../LocalNode'
import { createBank } from './bank'
import { BLOCKHASH_LIFE } from './blockhashes'
import { loadLiteSvm } from './loadLiteSvm'
import { createMachine } from './machine'
import { accountMethods } from './rpc/accountMethods'
import { chainMethods } from './rpc/chainMethods'
import { createCall } from './rpc/createCall'
import { serveRpc } from './rpc/serveRpc'
import { transactionMethods } from './rpc/transactionMethods'
import { createSlots } from './slots'
import { lessen, mintData, readTokenAccount, TOKEN_PROGRAM, tokenAccountOf } from './tokens'
import { transfersOf } from './transfersOf'
import { createTreasury } from './treasury'

/** Where a local Solana chain differs from a fresh one. */
export interface SolanaNodeOptions {
  /** Milliseconds; the host's clock where it is not given. Slots follow it, 400 ms each. */
  readonly clock?: () => number
}

/** Of mainnet and devnet. A network's CAIP-2 reference is how its hash begins. */
const GENESIS_HASHES = [
  '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d',
  'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG',
]

const DECIMALS = 6
const TREASURY_LAMPORTS = 1_000_000_000_000_000_000n
/** What a payer of fees starts with: a hundred thousand payments' worth. */
const FEE_LAMPORTS = 1_000_000_000n

/** A Solana chain in this process. */
export interface SolanaNode extends LocalNode {
  /** One JSON-RPC call without a socket. Throws RpcError. */
  call(method: string, params: readonly unknown[]): Promise<unknown>
  /** Gives an address SOL enough for the fees of many transactions. */
  fundFees(address: string): Promise<void>
  /** Makes an address's USDC this much, without a transaction where that is less than it has. */
  setBalance(address: string, amount: bigint): Promise<void>
  /** A blockhash to pay with, and until when. */
  blockhash(): { readonly recentBlockhash: string; readonly lastValidBlockHeight: string }
  /** Undoes everything since it started, gifts included. */
  reset(): void
  /** Whether a transaction is in a block, and did what it was for or failed there. */
  landed(id: string): 'done' | 'failed' | 'no'
}

/**
 * Starts a Solana chain of its own: LiteSVM, with USDC at the network's address of it, behind JSON-RPC on a loopback
 * port. Throws GatewayConfigError where LiteSVM is not installed or has no build for this machine.
 */
export async function startSolanaNode(
  network: SolanaNetwork,
  { clock = Date.now }: SolanaNodeOptions = {},
): Promise<SolanaNode> {
  const mint = network.asset
  const genesisHash = GENESIS_HASHES.find((hash) => hash.startsWith(network.reference)) ?? ''
  const machine = createMachine(await loadLiteSvm())
  const treasury = await createTreasury(mint)
  const slots = createSlots(clock)
  const bank = createBank(machine, slots, clock)
  const data = mintData(treasury.address, DECIMALS)
  const lamports = machine.rentFor(data.length)
  machine.put(mint, { data, lamports, owner: TOKEN_PROGRAM, executable: false })
  machine.put(treasury.address, {
    data: new Uint8Array(),
    lamports: TREASURY_LAMPORTS,
    owner: '11111111111111111111111111111111',
    executable: false,
  })
  const first = machine.changed()
  const call = createCall({
    ...chainMethods(bank, genesisHash),
    ...accountMethods(bank),
    ...transactionMethods(bank, treasury),
  })
  const { url, close } = await serveRpc(call)
  const accountOf = async (owner: string) => {
    if (isAddress(owner)) return tokenAccountOf(owner, mint)
    throw new GatewayConfigError(`not a Solana address: '${owner}'`)
  }
  const balanceOf = async (owner: string) => {
    const account = await accountOf(owner)
    return readTokenAccount(bank.at('processed').account(account))?.amount ?? 0n
  }
  const faucet = async (owner: string, amount: bigint) => {
    await accountOf(owner)
    const gift = await treasury.mintTo(owner, amount, bank.at('processed').blockhash())
    const err = bank.land(gift)
    if (err !== null) throw new Error(`the faucet's transaction failed: ${JSON.stringify(err)}`)
  }
  const take = async (owner: string, amount: bigint) => {
    for (const address of [await accountOf(owner), mint]) {
      const account = machine.account(address)
      if (account) machine.put(address, lessen(account, amount))
    }
  }
  return {
    url,
    close,
    call,
    faucet,
    fundFees: async (address) => {
      await call('requestAirdrop', [address, Number(FEE_LAMPORTS)])
    },
    balanceOf,
    setBalance: async (owner, amount) => {
      const change = amount - (await balanceOf(owner))
      await (change < 0n ? take(owner, -change) : faucet(owner, change))
    },
    blockhash: () => {
      const view = bank.at('confirmed')
      const lastValidBlockHeight = String(view.height + BLOCKHASH_LIFE)
      return { recentBlockhash: view.blockhash(), lastValidBlockHeight }
    },
    reset: () => {
      bank.reset()
      for (const [address] of machine.changed()) machine.put(address, first.get(address))
    },
    landed: (id) => {
      const found = bank.at('processed').find(id)
      if (!found) return 'no'
      return found.execution.err === null ? 'done' : 'failed'
    },
    height: async () => bank.at('processed').slot,
    transfers: async () =>
      bank
        .at('processed')
        .landed()
        .flatMap((landed) => transfersOf(landed, mint))
        .reverse(),
    holdNext: bank.holdNext,
    dropNext: bank.dropNext,
    advance: async (count) => bank.advance(count),
    reorg: async (count) => bank.reorg(count),
    setFinality: slots.setFinality,
  }
}
