import type { Address } from '@solana/kit'
import {
  decompileTransactionMessage,
  getBase58Decoder,
  getBase64Encoder,
  getCompiledTransactionMessageDecoder,
  getTransactionDecoder,
  isTransactionMessageWithBlockhashLifetime,
} from '@solana/kit'

/** What an exact-svm transaction does, read from its bytes. */
export interface SolanaTransfer {
  readonly messageBytes: Uint8Array
  /** By the address of who signed or is to sign, in the order of the message. */
  readonly signatures: Readonly<Record<string, Uint8Array | null>>
  /** Base58 of the message's bytes: the same for the same message, whoever signed it. */
  readonly messageKey: string
  readonly authority: string
  readonly source: string
  readonly destination: string
  readonly amount: bigint
  readonly blockhash: string
  readonly memo: string | undefined
}

const TRANSFER_CHECKED = 12
const MEMO_PROGRAM = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr'

/** Reads a base64 wire transaction. Returns undefined for what has no TransferChecked in it. */
export function readSolanaTransfer(base64: string): SolanaTransfer | undefined {
  try {
    const transaction = getTransactionDecoder().decode(getBase64Encoder().encode(base64))
    const compiled = getCompiledTransactionMessageDecoder().decode(transaction.messageBytes)
    const message = decompileTransactionMessage(compiled)
    if (!isTransactionMessageWithBlockhashLifetime(message)) return undefined
    const transfer = message.instructions.find((ix) => ix.data?.[0] === TRANSFER_CHECKED)
    const [source, , destination, authority] = transfer?.accounts ?? []
    if (!transfer?.data || transfer.data.length < 10) return undefined
    if (!source || !destination || !authority) return undefined
    const data = Buffer.from(transfer.data)
    const memo = message.instructions.find((ix) => ix.programAddress === (MEMO_PROGRAM as Address))
    const signatures = Object.entries(transaction.signatures)
    return {
      messageBytes: new Uint8Array(transaction.messageBytes),
      signatures: Object.fromEntries(
        signatures.map(([address, bytes]) => [address, bytes && new Uint8Array(bytes)]),
      ),
      messageKey: getBase58Decoder().decode(transaction.messageBytes),
      authority: authority.address,
      source: source.address,
      destination: destination.address,
      amount: data.readBigUInt64LE(1),
      blockhash: message.lifetimeConstraint.blockhash,
      memo: memo?.data ? Buffer.from(memo.data).toString('utf8') : undefined,
    }
  } catch {
    // Bytes that no decoder accepts: the caller says what that means.
    return undefined
  }
}
