import type { DialectName } from './dialects/dialects'
import { listen } from './http/listen'
import type { AppFetch } from './origin'

/** A dialect that is to be reached. */
export interface Reachable {
  readonly name: DialectName
  readonly fetch: AppFetch
  /** Where it is reached is added here. */
  readonly hosts: Set<string>
}

/** Dialects that are reached. */
export interface Served {
  readonly urls: Readonly<Partial<Record<DialectName, string>>>
  /** Answers as the dialect at the origin of the request; at any other origin as the first one. */
  readonly fetch: AppFetch
  close(): Promise<void>
}

/**
 * Each dialect at a loopback port of its own: `port` and those after it, or any free ones for 0. Rejects when one
 * is taken, and then none is left open.
 */
export async function serve(
  dialects: readonly Reachable[],
  host: string,
  port: number,
): Promise<Served> {
  const urls: Partial<Record<DialectName, string>> = {}
  const byOrigin = new Map<string, AppFetch>()
  const closings: (() => Promise<void>)[] = []
  const close = async () => {
    await Promise.all(closings.map((closeOne) => closeOne()))
  }
  for (const [index, { name, fetch, hosts }] of dialects.entries()) {
    try {
      const { url, close: closeOne } = await listen(fetch, host, port === 0 ? 0 : port + index)
      closings.push(closeOne)
      urls[name] = url
      byOrigin.set(url, fetch)
      const bound = new URL(url)
      for (const known of [bound.host, `localhost:${bound.port}`, `127.0.0.1:${bound.port}`]) {
        hosts.add(known)
      }
    } catch (error) {
      await close()
      throw error
    }
  }
  return {
    urls,
    fetch: (request, connection) => {
      const answer = byOrigin.get(new URL(request.url).origin) ?? dialects[0]?.fetch
      if (!answer) throw new Error('a gateway speaks at least one dialect')
      return answer(request, connection)
    },
    close,
  }
}
