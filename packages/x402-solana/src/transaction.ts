import { concat, decode32, littleEndian } from './bytes'
import { COMPUTE_BUDGET, MEMO, TOKEN } from './programs'

/** What a payment says; addresses and blockhash are base58 of 32 bytes. */
export type Transfer = {
  readonly feePayer: string
  readonly owner: string
  readonly source: string
  readonly destination: string
  readonly mint: string
  /** Atomic units. */
  readonly amount: bigint
  readonly decimals: number
  readonly memo: string
  readonly blockhash: string
}

/** One call of a program, its accounts spelled out. */
export type Instruction = {
  readonly program: string
  readonly accounts: readonly string[]
  readonly data: Uint8Array
}

const COMPUTE_UNITS = 20_000n
const MICRO_LAMPORTS_PER_UNIT = 1n

/** The four instructions of the x402 exact scheme on Solana, in order. */
export function transferInstructions(transfer: Transfer): readonly Instruction[] {
  const { source, mint, destination, owner, amount, decimals, memo } = transfer
  return [
    // ComputeBudgetInstruction::SetComputeUnitLimit(u32) and SetComputeUnitPrice(u64).
    call(COMPUTE_BUDGET, [], concat([2], littleEndian(COMPUTE_UNITS, 4))),
    call(COMPUTE_BUDGET, [], concat([3], littleEndian(MICRO_LAMPORTS_PER_UNIT, 8))),
    // TokenInstruction::TransferChecked { amount: u64, decimals: u8 }.
    call(
      TOKEN,
      [source, mint, destination, owner],
      concat([12], littleEndian(amount, 8), [decimals]),
    ),
    call(MEMO, [], new TextEncoder().encode(memo)),
  ]
}

const call = (program: string, accounts: readonly string[], data: Uint8Array): Instruction => ({
  program,
  accounts,
  data,
})

/** The v0 message of a payment: two signers, no lookup tables. */
export function transferMessage(transfer: Transfer): Uint8Array {
  const writable = inOrder([transfer.source, transfer.destination])
  const readonly = inOrder([COMPUTE_BUDGET, TOKEN, transfer.mint, MEMO])
  const keys = [transfer.feePayer, transfer.owner, ...writable, ...readonly]
  const instructions = transferInstructions(transfer)
  return concat(
    // Version 0; two signatures, the second account read-only, four more read-only ones at the end.
    [0x80, 2, 1, readonly.length],
    vector(keys.map(decode32)),
    decode32(transfer.blockhash),
    vector(instructions.map((instruction) => encodeInstruction(instruction, keys))),
    [0],
  )
}

/** The wire form of a transaction nobody has signed yet. */
export function unsignedTransaction(message: Uint8Array): Uint8Array {
  return concat([2], new Uint8Array(128), message)
}

function encodeInstruction({ program, accounts, data }: Instruction, keys: readonly string[]) {
  const index = (address: string) => keys.indexOf(address)
  return concat(
    [index(program)],
    vector(accounts.map((address) => [index(address)])),
    shortLength(data),
    data,
  )
}

function vector(items: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return concat(shortLength(items), ...items)
}

// Solana's compact-u16; nothing here is longer than a memo of 256 bytes.
function shortLength({ length }: { readonly length: number }): number[] {
  return length < 128 ? [length] : [(length & 127) | 128, length >> 7]
}

// Any order within a group is valid; this is the one @solana/kit writes, so that what the official
// client sends and what we send are the same bytes.
function inOrder(addresses: readonly string[]): string[] {
  return addresses.toSorted(new Intl.Collator('en', { caseFirst: 'lower' }).compare)
}
