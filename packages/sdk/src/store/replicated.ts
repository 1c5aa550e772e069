import type { Command } from './redisClient'

/**
 * `write`, and what it resolves to once `replicas` replicas hold it. WAIT speaks of the writes of its own
 * connection: all four commands leave in one go, and the connection must be the same before and after.
 */
export function replicated<T>(
  command: Command,
  replicas: number,
  timeout: number,
  write: () => Promise<T>,
): () => Promise<T> {
  const connection = () => command('CLIENT', 'INFO').then(identityOf)
  const wait = () => command('WAIT', String(replicas), String(Math.ceil(timeout / 2)))
  return async () => {
    const [before, written, held, after] = await Promise.all([
      connection(),
      write(),
      wait(),
      connection(),
    ])
    if (before !== after) throw new Error('the connection was lost while replicas were waited for')
    if (Number(held) >= replicas) return written
    throw new Error(`UNCERTAIN update: ${held} of ${replicas} replicas hold it`)
  }
}

/** What no two connections share: their id, and the addresses and ports of both ends. */
function identityOf(info: unknown): string {
  const fields = String(info).split(' ')
  return fields.filter((field) => /^(id|addr|laddr)=/.test(field)).join(' ')
}
