import type { WireTransaction } from './WireTransaction'

const LAMPORTS_PER_SIGNATURE = 5000n
const COMPUTE_BUDGET = 'ComputeBudget111111111111111111111111111111'
const SET_LIMIT = 2
const SET_PRICE = 3
const UNITS_PER_INSTRUCTION = 200_000n
const MOST_UNITS = 1_400_000n
const MICRO = 1_000_000n

/** What a transaction costs whoever pays for it, in lamports: its signatures, and the price it offers per unit. */
export function feeOf({ accounts, message, signatures }: WireTransaction): bigint {
  let price = 0n
  let limit: bigint | undefined
  let others = 0n
  for (const { programAddressIndex, data } of message.instructions) {
    if (accounts[programAddressIndex] !== COMPUTE_BUDGET) {
      others += 1n
      continue
    }
    const bytes = Buffer.from(data ?? [])
    if (bytes[0] === SET_LIMIT && bytes.length === 5) limit = BigInt(bytes.readUInt32LE(1))
    if (bytes[0] === SET_PRICE && bytes.length === 9) price = bytes.readBigUInt64LE(1)
  }
  const units = limit ?? others * UNITS_PER_INSTRUCTION
  const paid = price * (units < MOST_UNITS ? units : MOST_UNITS)
  return BigInt(signatures.length) * LAMPORTS_PER_SIGNATURE + (paid + MICRO - 1n) / MICRO
}
