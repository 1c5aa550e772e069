import { concat } from './bytes'
import type { RawSigner } from './createWallet'
import { readTransaction } from './readTransaction'
import { WalletError } from './WalletError'

// Kit types its byte arrays read-only, so that to the compiler they are no `Uint8Array`.
type Bytes = ArrayLike<number>
type Signatures = Readonly<Record<string, Bytes | null>>

/** The part of a `@solana/kit` transaction a signer reads and writes. */
export type KitTransaction = { readonly messageBytes: Bytes; readonly signatures: Signatures }

/** The part of a `@solana/kit` message a signer reads and writes. */
export type KitMessage = { readonly content: Bytes; readonly signatures: Signatures }

type KitMessageSigner = {
  signMessages?(messages: readonly KitMessage[]): Promise<readonly Signatures[]>
  modifyAndSignMessages?(messages: readonly KitMessage[]): Promise<readonly KitMessage[]>
}

/** A `TransactionPartialSigner` of `@solana/kit`, such as a `KeyPairSigner`. */
export type KitPartialSigner = KitMessageSigner & {
  readonly address: string
  signTransactions(transactions: readonly KitTransaction[]): Promise<readonly Signatures[]>
}

/** A `TransactionModifyingSigner` of `@solana/kit`, such as a browser wallet's. */
export type KitModifyingSigner = KitMessageSigner & {
  readonly address: string
  modifyAndSignTransactions(
    transactions: readonly KitTransaction[],
  ): Promise<readonly KitTransaction[]>
}

/** A signer from one of `@solana/kit`. A modifying signer is asked first, for it does the more. */
export function kitSigner(signer: KitPartialSigner | KitModifyingSigner): RawSigner {
  const { address } = signer
  return {
    address,
    signTransaction: async (wire) => {
      const transaction = kitTransaction(wire)
      if ('modifyAndSignTransactions' in signer) {
        const [modified] = await signer.modifyAndSignTransactions([transaction])
        return wireOf(modified)
      }
      const [signatures] = await signer.signTransactions([transaction])
      return wireOf({ ...transaction, signatures: { ...transaction.signatures, ...signatures } })
    },
    signMessage: async (content) => {
      const message = { content, signatures: {} }
      const [signatures] = signer.signMessages
        ? await signer.signMessages([message])
        : [(await modifiedMessage(signer, message))?.signatures]
      return Uint8Array.from(signatures?.[address] ?? [])
    },
  }
}

async function modifiedMessage(signer: KitMessageSigner, message: KitMessage) {
  if (signer.modifyAndSignMessages === undefined) {
    throw new WalletError(
      'unsupported_signer',
      'This Kit signer signs no messages, so it cannot sign in.',
    )
  }
  const [modified] = await signer.modifyAndSignMessages([message])
  return modified
}

function kitTransaction(wire: Uint8Array) {
  const { message, signatures, keys, blockhash } = readTransaction(wire)
  return {
    messageBytes: message,
    signatures: Object.fromEntries(signatures.map((_, index) => [keys[index], null])),
    // As kit itself writes it for a transaction decoded from bytes, whose last height is not known.
    lifetimeConstraint: { blockhash, lastValidBlockHeight: 2n ** 64n - 1n },
  }
}

function wireOf(transaction: KitTransaction | undefined): Uint8Array {
  if (transaction === undefined) {
    throw new WalletError('bad_signature', 'The Kit signer returned no transaction.')
  }
  // Signers come in the order of the message's accounts, and so does kit's map of signatures.
  const signatures = Object.values(transaction.signatures)
  return concat(
    [signatures.length],
    ...signatures.map((bytes) => Uint8Array.from(bytes ?? new Uint8Array(64))),
    Uint8Array.from(transaction.messageBytes),
  )
}
