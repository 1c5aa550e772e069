import { getBase58Decoder } from '@solana/kit'
import type { JsonObject } from '../../../http/jsonObject'
import { asObject } from '../../../http/jsonObject'
import type { View } from '../bank'
import type { Account } from '../machine'
import { readMint, readTokenAccount, TOKEN_PROGRAM } from '../tokens'
import { countIn, invalid, wordIn } from './params'

const MOST_BASE58_BYTES = 128

/** An account in the encoding that the options ask for. Throws RpcError. */
export function accountView(account: Account, config: JsonObject, view: View): unknown {
  const { lamports, owner, executable, data } = account
  return {
    lamports: Number(lamports),
    owner,
    executable,
    rentEpoch: 0,
    space: data.length,
    data: dataView(account, config, view),
  }
}

/** An amount of a token, in the forms that Solana's JSON-RPC gives it. */
export function amountView(amount: bigint, decimals: number): JsonObject {
  const uiAmountString = scaled(amount, decimals)
  return { amount: String(amount), decimals, uiAmount: Number(uiAmountString), uiAmountString }
}

/** Decimals of a mint; none where there is no such mint. */
export function decimalsOf(mint: string, view: View): number {
  return readMint(view.account(mint))?.decimals ?? 0
}

function dataView(account: Account, { encoding, dataSlice }: JsonObject, view: View): unknown {
  const form = wordIn(encoding, ['base64', 'base58', 'jsonParsed'])
  if (form === 'jsonParsed') {
    const parsed = parse(account, view)
    if (parsed) return { program: programOf(account), parsed, space: account.data.length }
  }
  const data = Buffer.from(sliced(account.data, dataSlice))
  if (form !== 'base58') return [data.toString('base64'), 'base64']
  if (data.length > MOST_BASE58_BYTES) {
    throw invalid(`base58 is for up to ${MOST_BASE58_BYTES} bytes, please use base64`)
  }
  return [getBase58Decoder().decode(data), 'base58']
}

function parse(account: Account, view: View): JsonObject | undefined {
  const held = readTokenAccount(account)
  if (held) {
    const { mint, owner, amount } = held
    const tokenAmount = amountView(amount, decimalsOf(mint, view))
    const info = { mint, owner, isNative: false, state: 'initialized', tokenAmount }
    return { type: 'account', info }
  }
  const mint = readMint(account)
  if (!mint) return undefined
  const { supply, decimals } = mint
  return { type: 'mint', info: { supply: String(supply), decimals, isInitialized: true } }
}

function programOf({ owner }: Account): string {
  return owner === TOKEN_PROGRAM ? 'spl-token' : 'spl-token-2022'
}

function sliced(data: Uint8Array, slice: unknown): Uint8Array {
  const { offset, length } = asObject(slice) ?? {}
  if (offset === undefined && length === undefined) return data
  const from = countIn(offset)
  return data.subarray(from, from + countIn(length))
}

function scaled(amount: bigint, decimals: number): string {
  const digits = String(amount).padStart(decimals + 1, '0')
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  const whole = digits.slice(0, digits.length - decimals)
  return decimals === 0 || fraction === '' ? whole : `${whole}.${fraction}`
}
