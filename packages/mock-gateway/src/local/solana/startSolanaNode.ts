import type { SolanaNetwork } from '../../networks'
import { createBank } from './bank'
import { BLOCKHASH_LIFE } from './blockhashes'
import { loadLiteSvm } from './loadLiteSvm'
import { createMachine } from './machine'
import { accountMethods } from './rpc/accountMethods'
import { chainMethods } from './rpc/chainMethods'
import { createCall } from './rpc/createCall'
import { localMethods } from './rpc/localMethods'
import { serveRpc } from './rpc/serveRpc'
import { transactionMethods } from './rpc/transactionMethods'
import { createSolanaNode, type SolanaNode } from './SolanaNode'
import { createSlots } from './slots'
import { mintData, TOKEN_PROGRAM } from './tokens'
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

/**
 * Starts a Solana chain in this process: LiteSVM, with USDC at the network's address of it, behind JSON-RPC on a
 * loopback port. Throws GatewayConfigError where LiteSVM is not installed or has no build for this machine.
 */
export async function startSolanaNode(
  network: SolanaNetwork,
  { clock = Date.now }: SolanaNodeOptions = {},
): Promise<SolanaNode> {
  const mint = network.asset
  const genesisHash = GENESIS_HASHES.find((hash) => hash.startsWith(network.reference)) ?? ''
  let offset = 0
  const now = () => clock() + offset
  const machine = createMachine(await loadLiteSvm())
  const treasury = await createTreasury(mint)
  const slots = createSlots(now)
  const bank = createBank(machine, slots, now)
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
    ...localMethods({
      bank,
      treasury,
      mint,
      onReset: () => {
        for (const [address] of machine.changed()) machine.put(address, first.get(address))
      },
      follow: (ahead) => {
        offset = ahead
      },
      toChain: (milliseconds) => milliseconds + offset,
    }),
  })
  const { url, close } = await serveRpc(call)
  return {
    ...createSolanaNode(url, call, close),
    blockhash: () => {
      const view = bank.at('confirmed')
      const lastValidBlockHeight = String(view.height + BLOCKHASH_LIFE)
      return { recentBlockhash: view.blockhash(), lastValidBlockHeight }
    },
  }
}
