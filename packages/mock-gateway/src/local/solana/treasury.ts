import type { AccountMeta, Address, Blockhash, Instruction } from '@solana/kit'
import {
  AccountRole,
  address,
  appendTransactionMessageInstructions,
  createTransactionMessage,
  generateKeyPairSigner,
  getTransactionEncoder,
  pipe,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from '@solana/kit'
import { ASSOCIATED_TOKEN_PROGRAM, TOKEN_PROGRAM, tokenAccountOf } from './tokens'
import { readWireTransaction, type WireTransaction } from './WireTransaction'

/** Whoever gives out USDC and lamports: the mint's authority. Each gift is a transaction like any other. */
export interface Treasury {
  readonly address: Address
  /** Opens the owner's account if it has none, and mints. */
  mintTo(owner: string, amount: bigint, blockhash: string): Promise<WireTransaction>
  sendLamports(to: string, lamports: bigint, blockhash: string): Promise<WireTransaction>
}

const SYSTEM_PROGRAM = address('11111111111111111111111111111111')
const MEMO_PROGRAM = address('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr')
/** First bytes of instructions: Transfer of the system program, CreateIdempotent, MintTo. */
const TRANSFER = 2
const CREATE_IDEMPOTENT = 1
const MINT_TO = 7

/** A treasury with a new key. */
export async function createTreasury(mint: string): Promise<Treasury> {
  const signer = await generateKeyPairSigner()
  const at = (account: string, role: AccountRole): AccountMeta => ({
    address: address(account),
    role,
  })
  const { READONLY, WRITABLE, READONLY_SIGNER, WRITABLE_SIGNER } = AccountRole

  const write = async (instructions: readonly Instruction[], blockhash: string) => {
    // The same gift twice is two transactions.
    const memo = { programAddress: MEMO_PROGRAM, data: Buffer.from(crypto.randomUUID()) }
    const lifetime = { blockhash: blockhash as Blockhash, lastValidBlockHeight: 0n }
    const message = pipe(
      createTransactionMessage({ version: 0 }),
      (empty) => setTransactionMessageFeePayerSigner(signer, empty),
      (paid) => setTransactionMessageLifetimeUsingBlockhash(lifetime, paid),
      (timed) => appendTransactionMessageInstructions([...instructions, memo], timed),
    )
    const signed = await signTransactionMessageWithSigners(message)
    return readWireTransaction(Uint8Array.from(getTransactionEncoder().encode(signed)))
  }
  return {
    address: signer.address,
    mintTo: async (owner, amount, blockhash) => {
      const account = await tokenAccountOf(owner, mint)
      const open = {
        programAddress: address(ASSOCIATED_TOKEN_PROGRAM),
        accounts: [
          at(signer.address, WRITABLE_SIGNER),
          at(account, WRITABLE),
          at(owner, READONLY),
          at(mint, READONLY),
          at(SYSTEM_PROGRAM, READONLY),
          at(TOKEN_PROGRAM, READONLY),
        ],
        data: Uint8Array.of(CREATE_IDEMPOTENT),
      }
      const give = {
        programAddress: address(TOKEN_PROGRAM),
        accounts: [at(mint, WRITABLE), at(account, WRITABLE), at(signer.address, READONLY_SIGNER)],
        data: Buffer.concat([Uint8Array.of(MINT_TO), littleEndian(amount)]),
      }
      return write(amount === 0n ? [open] : [open, give], blockhash)
    },
    sendLamports: (to, lamports, blockhash) => {
      const send = {
        programAddress: SYSTEM_PROGRAM,
        accounts: [at(signer.address, WRITABLE_SIGNER), at(to, WRITABLE)],
        data: Buffer.concat([Uint8Array.of(TRANSFER, 0, 0, 0), littleEndian(lamports)]),
      }
      return write([send], blockhash)
    },
  }
}

function littleEndian(amount: bigint): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(amount)
  return bytes
}
