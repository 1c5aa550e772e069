import type { Address } from '@solana/kit'
import { getBase58Encoder, isAddress } from '@solana/kit'
import { RpcError } from '../../../chain/RpcError'
import { fromBase64 } from '../../../http/base64'
import { asObject, type JsonObject } from '../../../http/jsonObject'
import type { Bank, Commitment, View } from '../bank'

const COMMITMENTS: readonly string[] = ['processed', 'confirmed', 'finalized']
/** As long as a transaction is in base58, and then some: decoding base58 takes time squared. */
const MOST_BASE58 = 1700

/** An address among the parameters. Throws RpcError. */
export function addressIn(value: unknown): Address {
  if (typeof value === 'string' && isAddress(value)) return value
  throw invalid('not an address')
}

/** A text among the parameters. Throws RpcError. */
export function textIn(value: unknown): string {
  if (typeof value === 'string') return value
  throw invalid('expected a string')
}

/** A whole number among the parameters. Throws RpcError. */
export function countIn(value: unknown, most = Number.MAX_SAFE_INTEGER): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most) {
    return value
  }
  throw invalid(`expected a whole number up to ${most}`)
}

/** A list of texts among the parameters. Throws RpcError. */
export function listIn(value: unknown, most: number): readonly string[] {
  if (!Array.isArray(value)) throw invalid('expected an array')
  if (value.length > most) throw invalid(`too many inputs, at most ${most}`)
  return value.map(textIn)
}

/** The options that a method takes last; none where there are none. Throws RpcError. */
export function configIn(value: unknown): JsonObject {
  const config = value === undefined || value === null ? {} : asObject(value)
  if (config) return config
  throw invalid('expected an object')
}

/** One of a few words; the first of them where none is said. Throws RpcError. */
export function wordIn<const T extends string>(value: unknown, words: readonly [T, ...T[]]): T {
  const word = value ?? words[0]
  const found = words.find((one) => one === word)
  if (found !== undefined) return found
  throw invalid(`expected one of ${words.join(', ')}`)
}

/** The chain up to what the options call good: finalized blocks where they say nothing. Throws RpcError. */
export function viewIn(bank: Bank, { commitment, minContextSlot }: JsonObject): View {
  if (commitment !== undefined && !COMMITMENTS.includes(String(commitment))) {
    throw invalid('unknown commitment')
  }
  const view = bank.at((commitment as Commitment | undefined) ?? 'finalized')
  if (minContextSlot !== undefined && view.slot < BigInt(countIn(minContextSlot))) {
    const contextSlot = Number(view.slot)
    throw new RpcError(-32016, 'Minimum context slot has not been reached', { contextSlot })
  }
  return view
}

/** Bytes that came as base58 or base64. Throws RpcError. */
export function bytesIn(value: unknown, encoding: unknown): Uint8Array {
  const text = textIn(value)
  const form = wordIn(encoding, ['base58', 'base64'])
  const bytes = form === 'base64' ? fromBase64(text) : fromBase58(text)
  if (bytes) return bytes
  throw invalid(`invalid ${form} encoding`)
}

function fromBase58(text: string): Uint8Array | undefined {
  if (text.length > MOST_BASE58) return undefined
  try {
    return Uint8Array.from(getBase58Encoder().encode(text))
  } catch {
    // Not of its alphabet: the caller says so.
    return undefined
  }
}

/** JSON-RPC's error for parameters that are wrong. */
export function invalid(message: string): RpcError {
  return new RpcError(-32602, `Invalid params: ${message}`)
}
