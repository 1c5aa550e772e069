import { decode32 } from './bytes'
import { ed25519Verify } from './ed25519'
import { LIGHTHOUSE } from './programs'
import { type ReadTransaction, readTransaction } from './readTransaction'
import { type Instruction, type Transfer, transferInstructions } from './transaction'
import { WalletError } from './WalletError'

// The exact scheme's facilitators take no more.
const MAX_INSTRUCTIONS = 7
// LighthouseInstruction: 0 writes an account of its own, 1 closes it, all others only assert.
const LAST_THAT_WRITES = 1

/**
 * Checks that what a wallet signed is the transfer it was asked for, with nothing added but guard
 * instructions of Lighthouse, and returns the wallet's signature. Throws `WalletError` `bad_signature`.
 */
export async function checkSigned(wire: Uint8Array, transfer: Transfer): Promise<Uint8Array> {
  const transaction = decoded(wire)
  const { signatures, readonlySigners, writable, keys, blockhash, instructions } = transaction
  const signature = signatures[1]
  // A read-only account cannot be debited, so no guard can spend the wallet's own lamports.
  if (signature === undefined || signatures.length !== 2 || readonlySigners !== 1) {
    throw bad('it has other signers')
  }
  if (keys[0] !== transfer.feePayer) throw bad('another account pays the fee')
  if (keys[1] !== transfer.owner) throw bad('it is not signed by this wallet')
  if (writable.toSorted().join() !== [transfer.source, transfer.destination].toSorted().join()) {
    throw bad('it may write to other accounts')
  }
  if (blockhash !== transfer.blockhash) throw bad('it has another blockhash')
  if (!isTransfer(instructions, transferInstructions(transfer))) {
    throw bad('it does something other than the agreed transfer')
  }
  if (!(await ed25519Verify(signature, transaction.message, decode32(transfer.owner)))) {
    throw bad('the signature is not by the key of this address')
  }
  return signature
}

function decoded(wire: Uint8Array): ReadTransaction {
  try {
    return readTransaction(wire)
  } catch (cause) {
    throw bad('it cannot be read', cause)
  }
}

function isTransfer(actual: readonly Instruction[], agreed: readonly Instruction[]): boolean {
  // A wallet may put its guards before the memo or after it, not before the transfer.
  const own = actual.filter(({ program }) => program !== LIGHTHOUSE)
  const guards = actual.filter(({ program }) => program === LIGHTHOUSE)
  return (
    actual.length <= MAX_INSTRUCTIONS &&
    guards.every(({ data }) => (data[0] ?? 0) > LAST_THAT_WRITES) &&
    own.map(spell).join() === agreed.map(spell).join() &&
    actual[2]?.program === agreed[2]?.program
  )
}

const spell = ({ program, accounts, data }: Instruction) =>
  JSON.stringify([program, accounts, [...data]])

const bad = (reason: string, cause?: unknown) =>
  new WalletError(
    'bad_signature',
    `The wallet returned a transaction that was not sent: ${reason}.`,
    {
      cause,
    },
  )
