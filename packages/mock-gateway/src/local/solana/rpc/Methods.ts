import type { View } from '../bank'

/** JSON-RPC methods by their names. Each takes the parameters; what it throws as RpcError is the answer. */
export type Methods = Readonly<Record<string, (params: readonly unknown[]) => unknown>>

/** An answer together with the slot that it is true in. */
export function withContext({ slot }: View, value: unknown): unknown {
  return { context: { apiVersion: '3.0.0', slot: Number(slot) }, value }
}
