import type { Bank } from '../bank'
import { lessen, readTokenAccount, tokenAccountOf } from '../tokens'
import { transfersOf } from '../transfersOf'
import type { Treasury } from '../treasury'
import { readWireTransaction, type WireTransaction } from '../WireTransaction'
import type { Methods } from './Methods'
import { addressIn, bytesIn, countIn, invalid, textIn } from './params'

/** Names of what no real cluster does begin so. */
export const LOCAL = 'local_'

const AMOUNT = /^\d{1,20}$/
const MOST_UNITS = 2n ** 64n - 1n
const MOST_SLOTS = 100_000_000

/** What only a chain on one's own machine does: money from nowhere, and faults. Amounts are in text. */
export function localMethods(parts: {
  readonly bank: Bank
  readonly treasury: Treasury
  readonly mint: string
  /** Whatever else a chain begins anew. */
  readonly onReset: () => void
  /** Follows a clock that is so many milliseconds ahead of the host's. */
  readonly follow: (offset: number) => void
  /** A time of the host's clock on that one. */
  readonly toChain: (milliseconds: number) => number
}): Methods {
  const { bank, treasury, mint, onReset, follow, toChain } = parts
  const { machine } = bank
  const whenIn = (value: unknown) => (typeof value === 'number' ? toChain(value) : undefined)
  const balanceOf = async (owner: string) => {
    const account = await tokenAccountOf(owner, mint)
    return readTokenAccount(bank.at('processed').account(account))?.amount ?? 0n
  }
  const give = async (owner: string, amount: bigint) => {
    const gift = await treasury.mintTo(owner, amount, bank.at('processed').blockhash())
    const err = bank.land(gift)
    if (err !== null) throw invalid(`nothing could be given to ${owner}: ${JSON.stringify(err)}`)
  }
  const take = async (owner: string, amount: bigint) => {
    for (const address of [await tokenAccountOf(owner, mint), mint]) {
      const account = machine.account(address)
      if (account) machine.put(address, lessen(account, amount))
    }
  }
  return {
    local_faucet: async ([owner, amount]) => {
      await give(addressIn(owner), unitsIn(amount))
      return null
    },
    local_balanceOf: async ([owner]) => String(await balanceOf(addressIn(owner))),
    local_setBalance: async ([address, amount]) => {
      const owner = addressIn(address)
      const change = unitsIn(amount) - (await balanceOf(owner))
      await (change < 0n ? take(owner, -change) : give(owner, change))
      return null
    },
    local_transfers: () =>
      bank
        .at('processed')
        .landed()
        .flatMap((landed) => transfersOf(landed, mint))
        .reverse()
        .map((each) => ({ ...each, amount: String(each.amount), height: String(each.height) })),
    local_landed: ([id]) => {
      const found = bank.at('processed').find(textIn(id))
      if (!found) return 'no'
      return found.execution.err === null ? 'done' : 'failed'
    },
    local_land: ([transaction]) => {
      const wire = readWireTransaction(bytesIn(transaction, 'base64'))
      bank.land(wire)
      return wire.id
    },
    local_holdNext: ([dueAt]) => {
      bank.holdNext(whenIn(dueAt))
      return null
    },
    local_dropNext: () => {
      bank.dropNext()
      return null
    },
    local_advance: ([slots]) => {
      bank.advance(countIn(slots, MOST_SLOTS))
      return null
    },
    local_reorg: ([slots, dueAt]) => {
      const isGift = ({ accounts }: WireTransaction) => accounts[0] === treasury.address
      bank.reorg(countIn(slots, MOST_SLOTS), whenIn(dueAt), isGift)
      return null
    },
    local_setFinality: ([slots]) => {
      bank.slots.setFinality(countIn(slots, MOST_SLOTS))
      return null
    },
    local_follow: ([offset]) => {
      if (typeof offset === 'number') follow(offset)
      return null
    },
    local_reset: () => {
      bank.reset()
      onReset()
      return null
    },
  }
}

function unitsIn(value: unknown): bigint {
  const text = textIn(value)
  const units = AMOUNT.test(text) ? BigInt(text) : MOST_UNITS + 1n
  if (units <= MOST_UNITS) return units
  throw invalid('not an amount of USDC')
}
