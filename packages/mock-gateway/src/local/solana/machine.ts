import type { Address } from '@solana/kit'
import { address as asAddress, lamports } from '@solana/kit'
import type { FailedTransactionMetadata, LiteSVM, TransactionMetadata } from 'litesvm'
import { nameError, type TransactionError } from './errorNames'
import { addLighthouse } from './lighthouse'
import { isWritable, type WireTransaction } from './WireTransaction'

/** An account that exists. */
export interface Account {
  readonly lamports: bigint
  readonly data: Uint8Array
  readonly owner: string
  readonly executable: boolean
}

/** An instruction that a program called. */
export interface InnerInstruction {
  /** Of the instruction of the message that led to it. */
  readonly index: number
  readonly programIdIndex: number
  readonly accounts: readonly number[]
  readonly data: Uint8Array
  readonly stackHeight: number
}

/** How a transaction ran. */
export interface Execution {
  readonly err: TransactionError | null
  readonly logs: readonly string[]
  readonly units: bigint
  readonly inner: readonly InnerInstruction[]
}

/** When a transaction runs, as programs see it. */
export interface Moment {
  readonly slot: bigint
  /** Unix seconds. */
  readonly time: number
}

/** The accounts of one network and the programs that change them: no blocks, no history. */
export interface Machine {
  account(address: string): Account | undefined
  /** Overwrites an account; with undefined there is none. */
  put(address: string, account: Account | undefined): void
  /** Every account that was ever changed, as it is. */
  changed(): ReadonlyMap<string, Account | undefined>
  ownedBy(program: string): readonly (readonly [address: string, account: Account])[]
  /** Lamports that keep an account of so many bytes. */
  rentFor(bytes: number): bigint
  execute(wire: WireTransaction, moment: Moment): Execution
  /** Runs one and forgets what it did. */
  simulate(
    wire: WireTransaction,
    moment: Moment,
    signatures: 'checked' | 'unchecked',
  ): Execution & { readonly after: ReadonlyMap<string, Account> }
}

const SYSTEM_PROGRAM = '11111111111111111111111111111111'
const UNSIGNED: Execution = { err: 'SignatureFailure', logs: [], units: 0n, inner: [] }

/** A machine with the programs that every cluster has. */
export function createMachine(Library: typeof LiteSVM): Machine {
  // Which blockhashes are good and what has landed is for the bank to know: the library knows one blockhash only,
  // and would not land again what was undone.
  const svm = new Library().withBlockhashCheck(false).withTransactionHistory(0n)
  addLighthouse(svm)

  const touched = new Set<string>()
  const accountAt = (address: string) => {
    const found = svm.getAccount(asAddress(address))
    return found.exists ? accountOf(found) : undefined
  }
  const set = ({ slot, time }: Moment) => {
    const clock = svm.getClock()
    clock.slot = slot
    clock.unixTimestamp = BigInt(time)
    svm.setClock(clock)
  }
  const isSigned = ({ transaction }: WireTransaction) =>
    !Object.values(transaction.signatures).includes(null)

  return {
    account: accountAt,
    put: (address, account) => {
      touched.add(address)
      svm.setAccount({
        address: asAddress(address),
        lamports: lamports(account?.lamports ?? 0n),
        data: account?.data ?? new Uint8Array(),
        programAddress: asAddress(account?.owner ?? SYSTEM_PROGRAM),
        executable: account?.executable ?? false,
        space: BigInt(account?.data.length ?? 0),
      })
    },
    changed: () => new Map([...touched].map((address) => [address, accountAt(address)])),
    ownedBy: (program) =>
      svm
        .getProgramAccounts(asAddress(program))
        .map((found) => [found.address, accountOf(found)] as const),
    rentFor: (bytes) => svm.minimumBalanceForRentExemption(BigInt(bytes)),
    execute: (wire, moment) => {
      if (!isSigned(wire)) return UNSIGNED
      set(moment)
      wire.accounts.forEach((address, index) => {
        if (isWritable(wire, index)) touched.add(address)
      })
      return executionOf(svm.sendTransaction(wire.transaction))
    },
    simulate: (wire, moment, signatures) => {
      if (signatures === 'checked' && !isSigned(wire)) return { ...UNSIGNED, after: new Map() }
      set(moment)
      svm.withSigverify(signatures === 'checked')
      try {
        const result = svm.simulateTransaction(wire.transaction)
        if ('err' in result) return { ...executionOf(result), after: new Map() }
        const after = result
          .postAccounts()
          .map((found) => [found.address, accountOf(found)] as const)
        return { ...executionOf(result.meta()), after: new Map(after) }
      } finally {
        svm.withSigverify(true)
      }
    },
  }
}

function accountOf(found: {
  readonly lamports: bigint
  readonly data: ArrayLike<number>
  readonly programAddress: Address
  readonly executable: boolean
}): Account {
  const { lamports, data, programAddress, executable } = found
  return { lamports, data: Uint8Array.from(data), owner: programAddress, executable }
}

function executionOf(result: TransactionMetadata | FailedTransactionMetadata): Execution {
  const meta = 'err' in result ? result.meta() : result
  return {
    err: 'err' in result ? nameError(result) : null,
    logs: meta.logs(),
    units: meta.computeUnitsConsumed(),
    inner: meta.innerInstructions().flatMap((list, index) =>
      list.map((inner) => {
        const instruction = inner.instruction()
        return {
          index,
          programIdIndex: instruction.programIdIndex(),
          accounts: [...instruction.accounts()],
          data: instruction.data(),
          stackHeight: inner.stackHeight(),
        }
      }),
    ),
  }
}
