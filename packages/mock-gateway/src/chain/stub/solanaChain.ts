import { createHash } from 'node:crypto'
import type { Address } from '@solana/kit'
import { getAddressEncoder, getBase58Decoder, getProgramDerivedAddress } from '@solana/kit'
import type { GatewayClock } from '../../clock'
import { createFading } from '../../fading'
import { createHistory } from '../../history'
import type { SolanaNetwork } from '../../networks'
import type { SolanaTransfer } from '../solanaTransfer'
import type { Balances, SavedBalances } from './balances'
import { createPending } from './Pending'

/** A transfer that landed. */
export interface SolanaReceipt {
  readonly signature: string
  readonly slot: bigint
  readonly blockTime: number
  readonly transfer: SolanaTransfer
  /** What the accounts of both sides held before, in atomic units. */
  readonly before: { readonly source: bigint; readonly destination: bigint }
}

/** A blockhash and the last block height at which it may be used. */
export interface Blockhash {
  readonly blockhash: string
  readonly lastValidBlockHeight: bigint
}

/** One Solana network reduced to USDC: balances, landed signatures, blockhashes. */
export interface SolanaChain {
  readonly network: SolanaNetwork
  readonly balances: Balances
  blockHeight(): bigint
  slot(): bigint
  /** Unix seconds at which a slot was. */
  blockTimeOf(slot: number): number
  latestBlockhash(): Blockhash
  isBlockhashValid(blockhash: string): boolean
  tokenAccountOf(owner: string): Promise<string>
  /** Whose a USDC account is, or itself when nobody known owns it. */
  ownerOf(account: string): Promise<string>
  /** What a USDC account holds, or undefined when nobody who has any owns it. */
  tokenBalance(account: string): Promise<bigint | undefined>
  /** Throws what a validator's simulation would say when the transfer cannot land now. */
  assertTransferable(transfer: SolanaTransfer): Promise<void>
  /** Broadcasts a transfer: it lands at once unless it was told to be held. */
  submit(signature: string, transfer: SolanaTransfer): Promise<void>
  receiptOf(signature: string): SolanaReceipt | undefined
  receipts(): readonly SolanaReceipt[]
  holdNext(dueAt: number | undefined): void
  /** Adds blocks and lands whatever was held. */
  advance(blocks: number): void
  reset(): void
  /** What a file keeps: not what is held back, and no blockhashes. */
  save(): SavedSolanaChain
  load(saved: SavedSolanaChain): void
}

/** A Solana chain as it is kept in a file. */
export interface SavedSolanaChain {
  readonly balances: SavedBalances
  readonly receipts: readonly SolanaReceipt[]
  readonly startedAt: number
  readonly extraBlocks: bigint
}

/** An address that nobody has. */
const NOBODY = ''

/** A transfer on its way to whoever owns its destination. */
type Broadcast = {
  readonly signature: string
  readonly transfer: SolanaTransfer
  readonly owner: string
}

const BLOCK_MS = 400
const FIRST_HEIGHT = 300_000_000n
/** Slots run ahead of heights, since some are skipped. */
const SKIPPED_SLOTS = 20_000_000n
/** Blocks for which a blockhash may be used. */
const BLOCKHASH_LIFE = 150n
const TOKEN_PROGRAM = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'
const ASSOCIATED_TOKEN_PROGRAM = 'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL'

/** Token accounts are derived again beyond these. */
const MOST_ACCOUNTS = 10_000

/** A chain whose blocks follow the clock, 400 ms each, and which keeps the last `history` receipts. */
export function createSolanaChain(
  network: SolanaNetwork,
  balances: Balances,
  clock: GatewayClock,
  payTo: string,
  history: number,
): SolanaChain {
  const seed = crypto.randomUUID()
  const heights = new Map<string, bigint>()
  const landed = new Map<string, SolanaReceipt>()
  const signatures = createHistory<string>(history, (signature) => landed.delete(signature))
  // A message whose blockhash is over cannot land again.
  const landedMessages = createFading<string>(history, (hash) => !isBlockhashValid(hash))
  const keep = (receipt: SolanaReceipt) => {
    const { signature, transfer } = receipt
    landed.set(signature, receipt)
    signatures.add(signature)
    landedMessages.set(transfer.messageKey, transfer.blockhash)
  }
  const accounts = new Map<string, string>()
  const owners = new Map<string, string>()
  let startedAt = clock.now()
  let extraBlocks = 0n
  let latest: Blockhash | undefined

  const blockHeight = () =>
    FIRST_HEIGHT + BigInt(Math.floor((clock.now() - startedAt) / BLOCK_MS)) + extraBlocks
  const slot = () => blockHeight() + SKIPPED_SLOTS
  const isBlockhashValid = (blockhash: string) => {
    const height = heights.get(blockhash)
    return height !== undefined && blockHeight() <= height + BLOCKHASH_LIFE
  }
  const tokenAccountOf = async (owner: string): Promise<string> => {
    const known = accounts.get(owner)
    if (known !== undefined) return known
    const encoder = getAddressEncoder()
    const [account] = await getProgramDerivedAddress({
      programAddress: ASSOCIATED_TOKEN_PROGRAM as Address,
      seeds: [owner, TOKEN_PROGRAM, network.asset].map((part) => encoder.encode(part as Address)),
    })
    if (accounts.size >= MOST_ACCOUNTS) {
      accounts.clear()
      owners.clear()
    }
    accounts.set(owner, account)
    owners.set(account, owner)
    return account
  }
  const ownerOf = async (account: string) =>
    account === (await tokenAccountOf(payTo)) ? payTo : (owners.get(account) ?? account)
  const assertLandable = (transfer: SolanaTransfer) => {
    if (landedMessages.has(transfer.messageKey)) throw new Error('AlreadyProcessed')
    if (!isBlockhashValid(transfer.blockhash)) throw new Error('BlockhashNotFound')
    if (balances.of(transfer.authority) < transfer.amount) {
      throw new Error('InstructionError: [2, Custom(1)] insufficient funds')
    }
  }
  const land = ({ signature, transfer, owner }: Broadcast) => {
    assertLandable(transfer)
    const before = { source: balances.of(transfer.authority), destination: balances.of(owner) }
    balances.move(transfer.authority, owner, transfer.amount)
    const blockTime = Math.floor(clock.now() / 1000)
    keep({ signature, slot: slot(), blockTime, transfer, before })
  }
  const pending = createPending<Broadcast>((broadcast) => {
    try {
      land(broadcast)
    } catch {
      // It was dropped: a held transfer that can no longer land leaves no trace.
    }
  })
  const catchUp = () => pending.land('due', clock.now())

  return {
    network,
    balances,
    blockHeight,
    slot,
    blockTimeOf: (at) => Math.floor((clock.now() - (Number(slot()) - at) * BLOCK_MS) / 1000),
    latestBlockhash: () => {
      const height = blockHeight()
      if (latest?.lastValidBlockHeight === height + BLOCKHASH_LIFE) return latest
      const digest = createHash('sha256').update(`${seed}:${height}`).digest()
      latest = {
        blockhash: getBase58Decoder().decode(digest),
        lastValidBlockHeight: height + BLOCKHASH_LIFE,
      }
      heights.set(latest.blockhash, height)
      for (const [old, at] of heights) {
        if (at + BLOCKHASH_LIFE >= height) break
        heights.delete(old)
      }
      return latest
    },
    isBlockhashValid,
    tokenAccountOf,
    ownerOf,
    tokenBalance: async (account) => {
      catchUp()
      for (const owner of balances.addresses()) {
        if (owner.startsWith('0x')) continue
        if ((await tokenAccountOf(owner)) === account) return balances.of(owner)
      }
      return balances.of(NOBODY) || undefined // Where everyone has plenty, so has whoever owns this one.
    },
    assertTransferable: async (transfer) => {
      catchUp()
      if ((await tokenAccountOf(transfer.authority)) !== transfer.source) {
        throw new Error('InstructionError: [2, InvalidAccountData]')
      }
      assertLandable(transfer)
    },
    submit: async (signature, transfer) => {
      catchUp()
      const broadcast = { signature, transfer, owner: await ownerOf(transfer.destination) }
      if (pending.keep(broadcast) === 'land now') land(broadcast)
    },
    receiptOf: (signature) => {
      catchUp()
      return landed.get(signature)
    },
    receipts: () => {
      catchUp()
      return [...landed.values()]
    },
    holdNext: pending.holdNext,
    advance: (blocks) => {
      extraBlocks += BigInt(blocks)
      pending.land('all', clock.now())
    },
    reset: () => {
      landed.clear()
      signatures.clear()
      landedMessages.clear()
      pending.reset()
      balances.reset()
    },
    save: () => ({
      balances: balances.save(),
      receipts: [...landed.values()],
      startedAt,
      extraBlocks,
    }),
    load: (saved) => {
      balances.load(saved.balances)
      for (const receipt of saved.receipts) keep(receipt)
      startedAt = saved.startedAt
      extraBlocks = saved.extraBlocks
    },
  }
}
