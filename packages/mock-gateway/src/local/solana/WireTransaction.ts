import type { CompiledTransactionMessage, Transaction } from '@solana/kit'
import {
  getBase58Decoder,
  getCompiledTransactionMessageDecoder,
  getCompiledTransactionMessageEncoder,
  getTransactionDecoder,
  getTransactionEncoder,
} from '@solana/kit'
import { RpcError } from '../../chain/RpcError'

/** A transaction as it was sent, and what its bytes say. */
export interface WireTransaction {
  /** Its first signature, in base58. */
  readonly id: string
  /** The same for the same message, whoever signed it. */
  readonly messageKey: string
  readonly bytes: Uint8Array
  readonly transaction: Transaction
  readonly message: CompiledTransactionMessage & { readonly lifetimeToken: string }
  /** Base58, in the order of the signers; all zero where one is missing. */
  readonly signatures: readonly string[]
  /** In the order that the message's instructions refer to. */
  readonly accounts: readonly string[]
}

const MOST_BYTES = 1232

/** Reads a wire transaction. Throws RpcError for bytes that are none, or that encode one in another way. */
export function readWireTransaction(bytes: Uint8Array): WireTransaction {
  if (bytes.length > MOST_BYTES) {
    throw invalid(`transaction too large: ${bytes.length} bytes (max: ${MOST_BYTES} bytes)`)
  }
  try {
    const transaction = getTransactionDecoder().decode(bytes)
    const message = getCompiledTransactionMessageDecoder().decode(transaction.messageBytes)
    // The native library ends the process over an encoding that is not the shortest.
    assertSame(getTransactionEncoder().encode(transaction), bytes)
    assertSame(getCompiledTransactionMessageEncoder().encode(message), transaction.messageBytes)
    const signatures = Object.values(transaction.signatures).map((signature) =>
      getBase58Decoder().decode(signature ?? new Uint8Array(64)),
    )
    const [id] = signatures
    if (id === undefined) throw new Error('nobody signs it')
    if ('addressTableLookups' in message && message.addressTableLookups?.length) {
      throw new Error('this chain has no address lookup tables')
    }
    return {
      id,
      messageKey: getBase58Decoder().decode(transaction.messageBytes),
      bytes,
      transaction,
      message,
      signatures,
      accounts: message.staticAccounts,
    }
  } catch (cause) {
    throw invalid(
      `failed to deserialize transaction: ${cause instanceof Error ? cause.message : cause}`,
    )
  }
}

/** Whether a transaction may change one of its accounts, by its place among them. */
export function isWritable(
  { accounts, message: { header } }: WireTransaction,
  index: number,
): boolean {
  const { numSignerAccounts, numReadonlySignerAccounts, numReadonlyNonSignerAccounts } = header
  return index < numSignerAccounts
    ? index < numSignerAccounts - numReadonlySignerAccounts
    : index < accounts.length - numReadonlyNonSignerAccounts
}

function assertSame(again: ArrayLike<number>, bytes: ArrayLike<number>): void {
  if (Buffer.from(again).equals(Buffer.from(bytes))) return
  throw new Error('it is not encoded in the shortest form')
}

function invalid(message: string): RpcError {
  return new RpcError(-32602, message)
}
