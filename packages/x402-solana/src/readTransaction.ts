import { encode58 } from './base58'
import type { Instruction } from './transaction'

/** A v0 transaction as far as a payment needs it. */
export type ReadTransaction = {
  readonly signatures: readonly Uint8Array[]
  readonly message: Uint8Array
  readonly readonlySigners: number
  /** Accounts that do not sign and may be written to. */
  readonly writable: readonly string[]
  readonly keys: readonly string[]
  readonly blockhash: string
  readonly instructions: readonly Instruction[]
}

// One packet (PACKET_DATA_SIZE): the network carries no longer transaction.
const MAX_BYTES = 1232

/**
 * Reads the wire form of a v0 transaction without lookup tables. Throws RangeError for anything else:
 * another version, a table, an index out of range, bytes missing or left over.
 */
export function readTransaction(wire: Uint8Array): ReadTransaction {
  if (wire.length > MAX_BYTES) throw malformed()
  const read = reader(wire)
  const signatures = read.vector(() => read.bytes(64))
  const message = wire.subarray(read.offset())
  if (read.byte() !== 0x80) throw malformed()
  const signers = read.byte()
  if (signers !== signatures.length) throw malformed()
  const readonlySigners = read.byte()
  const readonlyOthers = read.byte()
  const keys = read.vector(() => encode58(read.bytes(32)))
  const keyAt = (index: number) => {
    const key = keys[index]
    if (key === undefined) throw malformed()
    return key
  }
  const blockhash = encode58(read.bytes(32))
  const instructions = read.vector(() => ({
    program: keyAt(read.byte()),
    accounts: read.vector(() => keyAt(read.byte())),
    data: read.bytes(read.length()),
  }))
  if (read.byte() !== 0) throw malformed()
  if (read.offset() !== wire.length) throw malformed()
  const writable = keys.slice(signers, Math.max(signers, keys.length - readonlyOthers))
  return { signatures, message, readonlySigners, writable, keys, blockhash, instructions }
}

const malformed = () => new RangeError('not a v0 transaction without lookup tables')

function reader(wire: Uint8Array) {
  let at = 0
  const bytes = (count: number) => {
    if (at + count > wire.length) throw malformed()
    at += count
    return wire.subarray(at - count, at)
  }
  const byte = () => bytes(1)[0] ?? 0
  // A compact-u16 of at most two bytes: a third would say more than a packet holds.
  const length = () => {
    const low = byte()
    if (low < 128) return low
    const high = byte()
    if (high === 0 || high > 127) throw malformed()
    return (low & 127) | (high << 7)
  }
  const vector = <T>(item: () => T): T[] => Array.from({ length: length() }, item)
  return { bytes, byte, length, vector, offset: () => at }
}
