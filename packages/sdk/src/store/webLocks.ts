import type { Presence } from './Store'

/**
 * Who works on the database `name`, by Web Locks: a worker holds a lock of its own until the browser
 * ends its page, however that comes about. Undefined where there are none (an insecure context).
 */
export function webLocks(name: string): Presence | undefined {
  const locks = globalThis.navigator?.locks
  if (!locks) return undefined
  const announced = new Map<string, Promise<void>>()
  const lockOf = (worker: string) => `${name} ${worker}`

  const hold = (worker: string) =>
    new Promise<void>((held, reject) => {
      const forGood = () => {
        held()
        return new Promise<never>(() => {})
      }
      locks.request(lockOf(worker), forGood).catch(reject)
    })

  return {
    announce: (worker) => {
      const announcement = announced.get(worker) ?? hold(worker)
      announced.set(worker, announcement)
      return announcement
    },
    isThere: async (worker) => {
      const { held = [] } = await locks.query()
      return held.some((lock) => lock.name === lockOf(worker))
    },
  }
}
