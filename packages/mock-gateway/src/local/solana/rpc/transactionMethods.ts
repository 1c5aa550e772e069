import { RpcError } from '../../../chain/RpcError'
import type { JsonObject } from '../../../http/jsonObject'
import { asObject } from '../../../http/jsonObject'
import type { Bank, Landed, View } from '../bank'
import { BLOCKHASH_LIFE } from '../blockhashes'
import type { Execution } from '../machine'
import type { Treasury } from '../treasury'
import { readWireTransaction, type WireTransaction } from '../WireTransaction'
import { accountView } from './accountView'
import { type Methods, withContext } from './Methods'
import {
  addressIn,
  bytesIn,
  configIn,
  countIn,
  invalid,
  listIn,
  textIn,
  viewIn,
  wordIn,
} from './params'
import { innerView, TRANSACTION_ENCODINGS, transactionView } from './transactionView'

const MOST_STATUSES = 256
const MOST_SIGNATURES = 1000
const MOST_SIMULATED_ACCOUNTS = 64
/** Slots for which a status is known without a search. */
const STATUS_SLOTS = 150n
const MOST_LAMPORTS = 1_000_000_000_000_000
const MEMO_PROGRAM = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr'

/** What is done with transactions: sent, simulated, looked for. */
export function transactionMethods(bank: Bank, treasury: Treasury): Methods {
  const { slots } = bank
  const confirmationOf = ({ slot }: Landed) =>
    slot <= slots.finalized() ? 'finalized' : 'confirmed'
  const statusOf = (id: string, view: View, search: unknown) => {
    const landed = view.find(id)
    if (!landed || (search !== true && landed.slot + STATUS_SLOTS < view.slot)) return null
    const { err } = landed.execution
    const confirmationStatus = confirmationOf(landed)
    return {
      slot: Number(landed.slot),
      confirmations: confirmationStatus === 'finalized' ? null : Number(view.slot - landed.slot),
      err,
      status: err === null ? { Ok: null } : { Err: err },
      confirmationStatus,
    }
  }
  return {
    sendTransaction: ([encoded, options]) => {
      const config = configIn(options)
      const wire = readWireTransaction(bytesIn(encoded, config.encoding))
      if (config.skipPreflight !== true) {
        const { preflightCommitment: commitment, minContextSlot } = config
        const view = viewIn(bank, { commitment, minContextSlot })
        const rules = { signatures: 'checked', blockhash: 'checked' } as const
        const execution = bank.simulate(wire, view, rules)
        if (execution.err !== null) throw preflightFailure(execution)
      }
      bank.broadcast(wire)
      return wire.id
    },
    simulateTransaction: ([encoded, options]) => {
      const config = configIn(options)
      const wire = readWireTransaction(bytesIn(encoded, config.encoding))
      const view = viewIn(bank, config)
      const isReplaced = config.replaceRecentBlockhash === true
      const isChecked = config.sigVerify === true
      if (isReplaced && isChecked) {
        throw invalid('sigVerify may not be used with replaceRecentBlockhash')
      }
      const ran = bank.simulate(wire, view, {
        signatures: isChecked ? 'checked' : 'unchecked',
        blockhash: isReplaced ? 'replaced' : 'checked',
      })
      const accounts = asObject(config.accounts)
      return withContext(view, {
        ...executionView(ran),
        accounts:
          accounts &&
          listIn(accounts.addresses, MOST_SIMULATED_ACCOUNTS).map((address) => {
            const account = ran.after.get(addressIn(address)) ?? view.account(addressIn(address))
            return account ? accountView(account, accounts, view) : null
          }),
        ...(config.innerInstructions === true && { innerInstructions: innerView(ran.inner, wire) }),
        ...(isReplaced && { replacementBlockhash: replacement(view) }),
      })
    },
    getSignatureStatuses: ([ids, options]) => {
      const { searchTransactionHistory } = configIn(options)
      const view = bank.at('processed')
      return withContext(
        view,
        listIn(ids, MOST_STATUSES).map((id) => statusOf(id, view, searchTransactionHistory)),
      )
    },
    getSignaturesForAddress: ([address, options]) => {
      const account = addressIn(address)
      const { limit, before, until, ...config } = configIn(options)
      const most = limit === undefined ? MOST_SIGNATURES : countIn(limit, MOST_SIGNATURES)
      const found = viewIn(bank, config)
        .landed()
        .filter(({ wire }) => wire.accounts.includes(account))
      const from = before === undefined ? 0 : placeOf(found, textIn(before)) + 1
      const to = until === undefined ? found.length : placeOf(found, textIn(until))
      return found.slice(from, Math.min(to, from + most)).map((landed) => ({
        signature: landed.wire.id,
        slot: Number(landed.slot),
        err: landed.execution.err,
        memo: memoOf(landed.wire),
        blockTime: slots.timeOf(landed.slot),
        confirmationStatus: confirmationOf(landed),
      }))
    },
    getTransaction: ([id, options]) => {
      const config: JsonObject =
        typeof options === 'string' ? { encoding: options } : configIn(options)
      const view = viewIn(bank, config)
      const encoding = wordIn(config.encoding, TRANSACTION_ENCODINGS)
      const landed = view.find(textIn(id))
      if (!landed) return null
      if (
        landed.wire.message.version === 0 &&
        config.maxSupportedTransactionVersion === undefined
      ) {
        throw new RpcError(
          -32015,
          'Transaction version (0) is not supported by the requesting client. Please try the request again with ' +
            'the following configuration parameter: "maxSupportedTransactionVersion": 0',
        )
      }
      return transactionView(landed, encoding, slots.timeOf(landed.slot), view)
    },
    requestAirdrop: async ([address, lamports]) => {
      const to = addressIn(address)
      const amount = BigInt(countIn(lamports, MOST_LAMPORTS))
      const gift = await treasury.sendLamports(to, amount, bank.at('processed').blockhash())
      const err = bank.land(gift)
      if (err === null) return gift.id
      throw new RpcError(-32603, `the airdrop failed: ${JSON.stringify(err)}`)
    },
  }
}

function preflightFailure(execution: Execution): RpcError {
  const message = `Transaction simulation failed: ${JSON.stringify(execution.err)}`
  return new RpcError(-32002, message, { ...executionView(execution), innerInstructions: null })
}

function executionView({ err, logs, units }: Execution): JsonObject {
  return { err, logs, accounts: null, unitsConsumed: Number(units), returnData: null }
}

function replacement(view: View): JsonObject {
  const lastValidBlockHeight = Number(view.height + BLOCKHASH_LIFE)
  return { blockhash: view.blockhash(), lastValidBlockHeight }
}

/** Where a transaction is in a list; at its end where it is not in it. */
function placeOf(list: readonly Landed[], id: string): number {
  const place = list.findIndex(({ wire }) => wire.id === id)
  return place < 0 ? list.length : place
}

function memoOf({ accounts, message }: WireTransaction): string | null {
  const memos = message.instructions
    .filter(({ programAddressIndex }) => accounts[programAddressIndex] === MEMO_PROGRAM)
    .map(({ data }) => `[${data?.length ?? 0}] ${Buffer.from(data ?? []).toString('utf8')}`)
  return memos.length === 0 ? null : memos.join('; ')
}
