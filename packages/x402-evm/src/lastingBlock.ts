import { field } from './field'
import { WalletError } from './WalletError'

/** One JSON-RPC call to one server. */
export type Ask = (method: string, params: readonly unknown[]) => Promise<unknown>

/** The newest block that will not be undone, as a server names it. */
export async function lastingBlock(ask: Ask) {
  const at = (tag: string) => ask('eth_getBlockByNumber', [tag, false])
  // Not every node knows the tag `safe`; those answer with an error or with null.
  const block = (await at('safe').catch(() => null)) ?? (await at('finalized'))
  const number = field(block, 'number')
  const timestamp = field(block, 'timestamp')
  if (timestamp === undefined) throw malformed()
  quantity(number)
  return { number, timestamp }
}

/** A number as JSON-RPC writes it. Throws `WalletError` `rpc_failed`. */
export function quantity(value: unknown): bigint {
  if (typeof value !== 'string' || !/^0x[0-9a-fA-F]{1,64}$/.test(value)) throw malformed()
  return BigInt(value)
}

/** The error for an answer that is not what was asked for. */
export const malformed = () =>
  new WalletError('rpc_failed', 'The RPC server gave a malformed answer.')
