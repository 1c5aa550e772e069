import type { Json, Store } from './Store'

/** A store that lasts as long as the process. Clients that share one share sessions and budget. */
export function memoryStore(): Store {
  const values = new Map<string, Json>()
  return {
    durable: false,
    get: async (key) => values.get(key),
    update: async (key, change) => {
      const next = change(values.get(key))
      if (next === undefined) values.delete(key)
      else values.set(key, next)
      return next
    },
    list: async (prefix) =>
      [...values].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1)),
  }
}
