import {
  type CompiledTransactionMessage,
  type CompiledTransactionMessageWithLifetime,
  getCompiledTransactionMessageDecoder,
  getCompiledTransactionMessageEncoder,
} from '@solana/kit'

/** Of an account in a message. */
export type Role = 'signer' | 'writable' | 'read'

/** The message of a Solana transaction, as it can be changed. */
export type Draft = {
  version: number | 'legacy'
  header: {
    numSignerAccounts: number
    numReadonlySignerAccounts: number
    numReadonlyNonSignerAccounts: number
  }
  staticAccounts: string[]
  lifetimeToken: string
  instructions: { programAddressIndex: number; accountIndices: number[]; data: Uint8Array }[]
  addressTableLookups: {
    lookupTableAddress: string
    writableIndexes: number[]
    readonlyIndexes: number[]
  }[]
}

/** Throws for what is no message. */
export function draftOf(message: Uint8Array): Draft {
  const { version, header, staticAccounts, instructions, ...rest } =
    getCompiledTransactionMessageDecoder().decode(message)
  const lookups = 'addressTableLookups' in rest ? (rest.addressTableLookups ?? []) : []
  return {
    version,
    header: { ...header },
    staticAccounts: [...staticAccounts],
    lifetimeToken: rest.lifetimeToken,
    instructions: instructions.map(({ programAddressIndex, accountIndices = [], data }) => ({
      programAddressIndex,
      accountIndices: [...accountIndices],
      data: Uint8Array.from(data ?? []),
    })),
    addressTableLookups: lookups.map((lookup) => ({
      lookupTableAddress: lookup.lookupTableAddress,
      writableIndexes: [...lookup.writableIndexes],
      readonlyIndexes: [...lookup.readonlyIndexes],
    })),
  }
}

/** Undefined where there is no way to write it, such as more accounts than a byte counts. */
export function encode(draft: Draft): Uint8Array | undefined {
  type Compiled = CompiledTransactionMessage & CompiledTransactionMessageWithLifetime
  try {
    return Uint8Array.from(
      getCompiledTransactionMessageEncoder().encode(draft as unknown as Compiled), // or it throws
    )
  } catch {
    return undefined
  }
}

/** A call of a program, with accounts by what they must be. */
export type Call = {
  readonly program: string
  readonly data: readonly number[]
  readonly accounts: readonly (readonly [string, Role])[]
}

/** Puts a call at a place among the instructions, and lists the accounts it needs. */
export function insert(draft: Draft, at: number, { program, data, accounts }: Call): void {
  for (const [key, role] of [...accounts, [program, 'read'] as const]) add(draft, key, role)
  const index = (key: string) => draft.staticAccounts.indexOf(key)
  draft.instructions.splice(at, 0, {
    programAddressIndex: index(program),
    accountIndices: accounts.map(([key]) => index(key)),
    data: Uint8Array.from(data),
  })
}

/** Lists an account, if it is not there yet, where those of its role are. */
function add(draft: Draft, key: string, role: Role): void {
  const { staticAccounts, header } = draft
  if (staticAccounts.includes(key)) return
  const firstRead = staticAccounts.length - header.numReadonlyNonSignerAccounts
  const place = {
    signer: header.numSignerAccounts,
    writable: firstRead,
    read: staticAccounts.length,
  }
  const at = place[role]
  staticAccounts.splice(at, 0, key)
  renumber(draft, (index) => (index >= at ? index + 1 : index))
  if (role === 'signer') {
    header.numSignerAccounts++
    header.numReadonlySignerAccounts++
  }
  if (role === 'read') header.numReadonlyNonSignerAccounts++
}

/** Gives the accounts that instructions name other numbers. */
export function renumber({ instructions }: Draft, numberOf: (index: number) => number): void {
  for (const instruction of instructions) {
    instruction.programAddressIndex = numberOf(instruction.programAddressIndex)
    instruction.accountIndices = instruction.accountIndices.map(numberOf)
  }
}

/** Instructions with their accounts spelt out; undefined where one points to no account. */
export function spelt({ instructions, staticAccounts }: Draft) {
  const keyAt = (index: number) => staticAccounts[index] ?? '?'
  return instructions.map(({ programAddressIndex, accountIndices, data }) => ({
    program: keyAt(programAddressIndex),
    text: [...[programAddressIndex, ...accountIndices].map(keyAt), [...data]].join(),
    data,
  }))
}
