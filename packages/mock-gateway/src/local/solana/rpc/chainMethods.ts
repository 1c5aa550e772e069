import { RpcError } from '../../../chain/RpcError'
import type { Bank } from '../bank'
import { BLOCKHASH_LIFE } from '../blockhashes'
import { feeOf } from '../fee'
import { readWireTransaction } from '../WireTransaction'
import { type Methods, withContext } from './Methods'
import { bytesIn, configIn, countIn, listIn, textIn, viewIn } from './params'

const SLOTS_IN_EPOCH = 432_000n
const MOST_ACCOUNT_BYTES = 10 * 1024 * 1024

/** What is asked of the chain itself: slots, heights, times, blockhashes, fees. */
export function chainMethods(bank: Bank, genesisHash: string): Methods {
  const { slots, machine } = bank
  const firstSlot = () => Number(bank.firstSlot() ?? 0n)
  return {
    getHealth: () => 'ok',
    getVersion: () => ({ 'solana-core': '3.0.0', 'feature-set': 0 }),
    getGenesisHash: () => genesisHash,
    getSlot: ([config]) => Number(viewIn(bank, configIn(config)).slot),
    getBlockHeight: ([config]) => Number(viewIn(bank, configIn(config)).height),
    getTransactionCount: ([config]) => viewIn(bank, configIn(config)).landed().length,
    getFirstAvailableBlock: firstSlot,
    minimumLedgerSlot: firstSlot,
    getEpochInfo: ([config]) => {
      const { slot, height, landed } = viewIn(bank, configIn(config))
      return {
        absoluteSlot: Number(slot),
        blockHeight: Number(height),
        epoch: Number(slot / SLOTS_IN_EPOCH),
        slotIndex: Number(slot % SLOTS_IN_EPOCH),
        slotsInEpoch: Number(SLOTS_IN_EPOCH),
        transactionCount: landed().length,
      }
    },
    getEpochSchedule: () => ({
      slotsPerEpoch: Number(SLOTS_IN_EPOCH),
      leaderScheduleSlotOffset: Number(SLOTS_IN_EPOCH),
      warmup: false,
      firstNormalEpoch: 0,
      firstNormalSlot: 0,
    }),
    getBlockTime: ([at]) => {
      const slot = BigInt(countIn(at))
      if (slot <= slots.tip()) return slots.timeOf(slot)
      throw new RpcError(-32004, `Block not available for slot ${slot}`)
    },
    getLatestBlockhash: ([config]) => {
      const view = viewIn(bank, configIn(config))
      const lastValidBlockHeight = Number(view.height + BLOCKHASH_LIFE)
      return withContext(view, { blockhash: view.blockhash(), lastValidBlockHeight })
    },
    isBlockhashValid: ([blockhash, config]) => {
      const view = viewIn(bank, configIn(config))
      return withContext(view, view.isBlockhashValid(textIn(blockhash)))
    },
    getFeeForMessage: ([message, config]) => {
      const bytes = bytesIn(message, 'base64')
      const [first = 0, second = 0] = bytes
      const signers = first >= 0x80 ? second : first
      const unsigned = Buffer.concat([Uint8Array.of(signers), Buffer.alloc(64 * signers), bytes])
      const view = viewIn(bank, configIn(config))
      const wire = readWireTransaction(unsigned)
      const isValid = view.isBlockhashValid(wire.message.lifetimeToken)
      return withContext(view, isValid ? Number(feeOf(wire)) : null)
    },
    getRecentPrioritizationFees: ([addresses]) => {
      listIn(addresses ?? [], 128)
      return [{ slot: Number(slots.tip()), prioritizationFee: 0 }]
    },
    getMinimumBalanceForRentExemption: ([bytes]) =>
      Number(machine.rentFor(countIn(bytes, MOST_ACCOUNT_BYTES))),
  }
}
