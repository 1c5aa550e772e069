import type { Address } from '@solana/kit'
import { address, getAddressEncoder, getBase58Decoder, getProgramDerivedAddress } from '@solana/kit'
import type { Account } from './machine'

/** What a token account says. */
export interface TokenAccount {
  readonly mint: string
  readonly owner: string
  readonly amount: bigint
}

export const TOKEN_PROGRAM = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'
const TOKEN_2022_PROGRAM = 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb'
export const ASSOCIATED_TOKEN_PROGRAM = 'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL'
const TOKEN_PROGRAMS: readonly string[] = [TOKEN_PROGRAM, TOKEN_2022_PROGRAM]

/** Sizes and places in accounts of the token program: a mint, and a token account. */
const MINT_BYTES = 82
const SUPPLY = 36
const DECIMALS = 44
const INITIALIZED = 45
const TOKEN_ACCOUNT_BYTES = 165
const OWNER = 32
const AMOUNT = 64
const STATE = 108

/** Where an owner's tokens of a mint are by default (the associated token account). */
export async function tokenAccountOf(owner: string, mint: string): Promise<Address> {
  const seeds = [owner, TOKEN_PROGRAM, mint].map((part) =>
    getAddressEncoder().encode(address(part)),
  )
  const programAddress = address(ASSOCIATED_TOKEN_PROGRAM)
  const [account] = await getProgramDerivedAddress({ programAddress, seeds })
  return account
}

/** Whether an account belongs to a token program. */
export function isOfTokens(program: string): boolean {
  return TOKEN_PROGRAMS.includes(program)
}

/** A token account's fields, or undefined for any other account. */
export function readTokenAccount(account: Account | undefined): TokenAccount | undefined {
  if (!account || !isOfTokens(account.owner) || account.data.length < TOKEN_ACCOUNT_BYTES) return
  const data = Buffer.from(account.data)
  if (data[STATE] === 0) return
  return {
    mint: getBase58Decoder().decode(data.subarray(0, OWNER)),
    owner: getBase58Decoder().decode(data.subarray(OWNER, AMOUNT)),
    amount: data.readBigUInt64LE(AMOUNT),
  }
}

/** A mint's fields, or undefined for any other account. */
export function readMint(
  account: Account | undefined,
): { readonly supply: bigint; readonly decimals: number } | undefined {
  if (!account || !isOfTokens(account.owner) || account.data.length < MINT_BYTES) return
  const data = Buffer.from(account.data)
  if (account.data.length === TOKEN_ACCOUNT_BYTES || data[INITIALIZED] !== 1) return
  return { supply: data.readBigUInt64LE(SUPPLY), decimals: data.readUInt8(DECIMALS) }
}

/** The data of a mint that nobody holds anything of yet. */
export function mintData(authority: string, decimals: number): Uint8Array {
  const data = Buffer.alloc(MINT_BYTES)
  data.writeUInt32LE(1, 0)
  data.set(getAddressEncoder().encode(address(authority)), 4)
  data.writeUInt8(decimals, DECIMALS)
  data.writeUInt8(1, INITIALIZED)
  return data
}

/** A token account that holds so much less, or a mint of which there is so much less. */
export function lessen(account: Account, amount: bigint): Account {
  const data = Buffer.from(account.data)
  const place = readTokenAccount(account) ? AMOUNT : SUPPLY
  data.writeBigUInt64LE(data.readBigUInt64LE(place) - amount, place)
  return { ...account, data }
}
