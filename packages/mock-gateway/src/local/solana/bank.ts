import { type Blockhashes, createBlockhashes } from './blockhashes'
import { createBroadcasts } from './broadcasts'
import type { TransactionError } from './errorNames'
import type { Account, Execution, Machine } from './machine'
import type { Slots } from './slots'
import type { WireTransaction } from './WireTransaction'

/** A transaction in a block, whether it did what it was for (`execution.err` is null) or not. */
export interface Landed {
  readonly wire: WireTransaction
  readonly slot: bigint
  readonly execution: Execution
  /** Its accounts, in their order, as they were and as they became. */
  readonly before: readonly (Account | undefined)[]
  readonly after: readonly (Account | undefined)[]
}

/** How far a block has come. */
export type Commitment = 'processed' | 'confirmed' | 'finalized'

/** The chain up to one slot. */
export interface View {
  readonly slot: bigint
  readonly height: bigint
  account(address: string): Account | undefined
  /** Transactions, the latest first. */
  landed(): readonly Landed[]
  find(id: string): Landed | undefined
  blockhash(): string
  isBlockhashValid(blockhash: string): boolean
}

/** What simulating a transaction may leave unchecked. */
export interface SimulationRules {
  readonly signatures: 'checked' | 'unchecked'
  readonly blockhash: 'checked' | 'replaced'
}

/** Blocks on a machine: what lands, once, in which slot; and what is undone. */
export interface Bank {
  readonly machine: Machine
  readonly slots: Slots
  at(commitment: Commitment): View
  simulate(
    wire: WireTransaction,
    view: View,
    rules: SimulationRules,
  ): Execution & { readonly after: ReadonlyMap<string, Account> }
  /** Broadcasts a transaction as any wallet would: faults may befall it. */
  broadcast(wire: WireTransaction): void
  /** Lands one now. Returns why it did not, or why what it was for failed. */
  land(wire: WireTransaction): TransactionError | null
  /** The first slot of which all is known, or undefined if nothing was forgotten. */
  firstSlot(): bigint | undefined
  holdNext(dueAt: number | undefined): void
  dropNext(): void
  advance(slots: number): void
  /**
   * Undoes the last slots, from the latest in which something landed. What had landed in them lands again at `dueAt`, or when all that is held does; at once where
   * `stays` says so.
   */
  reorg(slots: number, dueAt: number | undefined, stays: (wire: WireTransaction) => boolean): void
  /** Forgets what landed and what is held; accounts stay. */
  reset(): void
}

/** Transactions that are kept, at least. */
const HISTORY = 10_000
/** More slots than a blockhash lives: a transaction that old cannot land again. */
const REPLAYABLE_SLOTS = 300n

/** Stands for the code of a program in what is kept of a transaction. */
const PROGRAM: Account = {
  lamports: 1n,
  data: new Uint8Array(),
  owner: 'BPFLoaderUpgradeab1e11111111111111111111111',
  executable: true,
}

/** A bank over a machine. */
export function createBank(machine: Machine, slots: Slots, clock: () => number): Bank {
  const blockhashes: Blockhashes = createBlockhashes()
  const byId = new Map<string, Landed>()
  const messages = new Set<string>()
  let history: Landed[] = []
  let forgotten: bigint | undefined

  const refusal = (wire: WireTransaction, height: bigint): TransactionError | null => {
    if (messages.has(wire.messageKey)) return 'AlreadyProcessed'
    return blockhashes.isValid(wire.message.lifetimeToken, height) ? null : 'BlockhashNotFound'
  }
  const statesOf = ({ accounts, message: { instructions } }: WireTransaction) => {
    const programs = new Set(instructions.map(({ programAddressIndex }) => programAddressIndex))
    return accounts.map((one, index) => (programs.has(index) ? PROGRAM : machine.account(one)))
  }
  const drop = ({ wire }: Landed) => {
    byId.delete(wire.id)
    messages.delete(wire.messageKey)
  }
  const forgetOld = (tip: bigint) => {
    while (history.length > HISTORY) {
      const [oldest] = history
      if (!oldest || oldest.slot + REPLAYABLE_SLOTS > tip) return
      forgotten = oldest.slot
      drop(oldest)
      history.shift()
    }
  }
  const execute = (wire: WireTransaction, slot: bigint): TransactionError | null => {
    const before = statesOf(wire)
    const execution = machine.execute(wire, { slot, time: slots.timeOf(slot) })
    if (!isInBlock(execution)) return execution.err
    const landed = { wire, slot, execution, before, after: statesOf(wire) }
    history.push(landed)
    byId.set(wire.id, landed)
    messages.add(wire.messageKey)
    forgetOld(slot)
    return execution.err
  }
  const land = (wire: WireTransaction, at: number): TransactionError | null => {
    const slot = slots.at(at)
    return refusal(wire, slots.heightOf(slot)) ?? execute(wire, slot)
  }
  const broadcasts = createBroadcasts<WireTransaction>(clock, land)

  const accountAt = (address: string, slot: bigint) => {
    let account = machine.account(address)
    for (let i = history.length - 1; i >= 0; i--) {
      const landed = history[i]
      if (!landed || landed.slot <= slot) break
      const index = landed.wire.accounts.indexOf(address)
      if (index >= 0) account = landed.before[index]
    }
    return account
  }
  const view = (slot: bigint): View => {
    const height = slots.heightOf(slot)
    return {
      slot,
      height,
      account: (address) => accountAt(address, slot),
      landed: () => history.filter((landed) => landed.slot <= slot).reverse(),
      find: (id) => {
        const landed = byId.get(id)
        return landed && landed.slot <= slot ? landed : undefined
      },
      blockhash: () => blockhashes.at(height),
      isBlockhashValid: (blockhash) => blockhashes.isValid(blockhash, height),
    }
  }
  return {
    machine,
    slots,
    at: (commitment) => {
      broadcasts.catchUp()
      return view(commitment === 'finalized' ? slots.finalized() : slots.tip())
    },
    simulate: (wire, { slot, height }, rules) => {
      const refused = refusal(wire, height)
      if (refused && !(refused === 'BlockhashNotFound' && rules.blockhash === 'replaced')) {
        return { err: refused, logs: [], units: 0n, inner: [], after: new Map() }
      }
      return machine.simulate(wire, { slot, time: slots.timeOf(slot) }, rules.signatures)
    },
    broadcast: broadcasts.send,
    land: (wire) => land(wire, clock()),
    firstSlot: () => forgotten && forgotten + 1n,
    holdNext: broadcasts.holdNext,
    dropNext: broadcasts.dropNext,
    advance: (count) => {
      broadcasts.catchUp()
      slots.advance(count)
      broadcasts.landAll()
    },
    reorg: (count, dueAt, stays) => {
      broadcasts.catchUp()
      const tip = slots.tip()
      const empty = tip - (history.at(-1)?.slot ?? tip)
      const last = slots.undo(count + Number(empty))
      blockhashes.undo(slots.heightOf(last))
      const undone = history.filter(({ slot }) => slot > last)
      history = history.filter(({ slot }) => slot <= last)
      for (const landed of undone.toReversed()) {
        drop(landed)
        landed.wire.accounts.forEach((address, index) => {
          const before = landed.before[index]
          if (!isSame(before, landed.after[index])) machine.put(address, before)
        })
      }
      for (const { wire } of undone) {
        if (stays(wire)) execute(wire, slots.tip())
        else broadcasts.hold(wire, dueAt)
      }
    },
    reset: () => {
      broadcasts.reset()
      for (const landed of history) drop(landed)
      history = []
    },
  }
}

/** Whether a transaction got into a block: one that ran did, and paid its fee, even if it failed. */
function isInBlock({ err }: Execution): boolean {
  return err === null || (typeof err === 'object' && 'InstructionError' in err)
}

function isSame(one: Account | undefined, other: Account | undefined): boolean {
  if (!one || !other) return one === other
  const sameData = Buffer.from(one.data).equals(Buffer.from(other.data))
  return sameData && one.lamports === other.lamports && one.owner === other.owner
}
