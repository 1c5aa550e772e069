import { getBase58Decoder } from '@solana/kit'
import type { JsonObject } from '../../../http/jsonObject'
import type { Landed, View } from '../bank'
import { feeOf } from '../fee'
import type { Account, InnerInstruction } from '../machine'
import { readTokenAccount } from '../tokens'
import { isWritable, type WireTransaction } from '../WireTransaction'
import { amountView, decimalsOf } from './accountView'

/** How a transaction may be given. */
export const TRANSACTION_ENCODINGS = ['json', 'jsonParsed', 'base64', 'base58'] as const
export type TransactionEncoding = (typeof TRANSACTION_ENCODINGS)[number]

/** A transaction in its block, as `getTransaction` answers. */
export function transactionView(
  landed: Landed,
  encoding: TransactionEncoding,
  blockTime: number,
  view: View,
): unknown {
  const { wire, slot } = landed
  return {
    slot: Number(slot),
    blockTime,
    version: wire.message.version,
    meta: metaView(landed, encoding, view),
    transaction: encoded(wire, encoding),
  }
}

/** Instructions that programs called, by the instruction of the message that led to them. */
export function innerView(inner: readonly InnerInstruction[], wire?: WireTransaction): unknown {
  return [...new Set(inner.map(({ index }) => index))].map((index) => ({
    index,
    instructions: inner
      .filter((one) => one.index === index)
      .map(({ programIdIndex, accounts, data, stackHeight }) => {
        const shown = { data: getBase58Decoder().decode(data), stackHeight }
        return wire
          ? { programId: wire.accounts[programIdIndex], accounts: named(wire, accounts), ...shown }
          : { programIdIndex, accounts, ...shown }
      }),
  }))
}

function metaView(landed: Landed, encoding: TransactionEncoding, view: View): JsonObject {
  const { wire, execution, before, after } = landed
  const { err, logs, units, inner } = execution
  return {
    err,
    status: err === null ? { Ok: null } : { Err: err },
    fee: Number(feeOf(wire)),
    preBalances: before.map(lamportsOf),
    postBalances: after.map(lamportsOf),
    preTokenBalances: tokenBalances(before, view),
    postTokenBalances: tokenBalances(after, view),
    innerInstructions: innerView(inner, encoding === 'jsonParsed' ? wire : undefined),
    logMessages: logs,
    computeUnitsConsumed: Number(units),
    loadedAddresses: { readonly: [], writable: [] },
    rewards: [],
  }
}

function lamportsOf(account: Account | undefined): number {
  return Number(account?.lamports ?? 0n)
}

function tokenBalances(states: readonly (Account | undefined)[], view: View): readonly unknown[] {
  return states.flatMap((state, accountIndex) => {
    const held = readTokenAccount(state)
    if (!held || !state) return []
    const { mint, owner, amount } = held
    const uiTokenAmount = amountView(amount, decimalsOf(mint, view))
    return [{ accountIndex, mint, owner, programId: state.owner, uiTokenAmount }]
  })
}

function encoded(wire: WireTransaction, encoding: TransactionEncoding): unknown {
  if (encoding === 'base64') return [Buffer.from(wire.bytes).toString('base64'), 'base64']
  if (encoding === 'base58') return [getBase58Decoder().decode(wire.bytes), 'base58']
  const { signatures, accounts, message } = wire
  const { instructions, lifetimeToken: recentBlockhash, header } = message
  const isParsed = encoding === 'jsonParsed'
  const { numSignerAccounts, numReadonlySignerAccounts, numReadonlyNonSignerAccounts } = header
  return {
    signatures,
    message: {
      recentBlockhash,
      ...(!isParsed && {
        header: {
          numRequiredSignatures: numSignerAccounts,
          numReadonlySignedAccounts: numReadonlySignerAccounts,
          numReadonlyUnsignedAccounts: numReadonlyNonSignerAccounts,
        },
      }),
      ...(message.version === 0 && { addressTableLookups: [] }),
      accountKeys: isParsed
        ? accounts.map((pubkey, index) => ({
            pubkey,
            signer: index < numSignerAccounts,
            writable: isWritable(wire, index),
            source: 'transaction',
          }))
        : accounts,
      instructions: instructions.map(({ programAddressIndex, accountIndices = [], data }) => {
        const shown = { data: getBase58Decoder().decode(data ?? new Uint8Array()), stackHeight: 1 }
        return isParsed
          ? {
              programId: accounts[programAddressIndex],
              accounts: named(wire, accountIndices),
              ...shown,
            }
          : { programIdIndex: programAddressIndex, accounts: accountIndices, ...shown }
      }),
    },
  }
}

function named({ accounts }: WireTransaction, indices: readonly number[]): readonly unknown[] {
  return indices.map((index) => accounts[index])
}
