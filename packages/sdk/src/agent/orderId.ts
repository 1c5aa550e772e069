import { unreadable } from '../errors'
import type { EngineParameters } from '../payment/engine'
import { randomUuid } from '../randomUuid'
import type { Json, Store } from '../store/Store'

/** The random UUID that stands under `name` at one origin, for the first of the wallets. */
export async function orderId(
  store: Store,
  { base, wallets }: Pick<EngineParameters, 'base' | 'wallets'>,
  name: string,
): Promise<string> {
  // Others may share the store: who knows the id may be told what it bought.
  const key = `order/${base.origin}/${wallets[0]?.address}/${name}`
  const fresh = randomUuid()
  const standing = await store.update(key, (now) => read(now, key) ?? fresh)
  return read(standing, key) ?? fresh
}

function read(value: Json | undefined, key: string): string | undefined {
  if (value !== undefined && typeof value !== 'string') throw unreadable(key)
  return value
}
