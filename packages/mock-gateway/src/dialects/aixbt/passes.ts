import { hash, randomBytes } from 'node:crypto'
import type { GatewayClock } from '../../clock'

/** How long a key that is bought lasts. */
export type Period = '1d' | '1w' | '4w'

/** A key, without its secret. */
export interface Pass {
  readonly id: string
  readonly name: string
  /** `x402` for one that was bought. */
  readonly type: 'full' | 'x402'
  readonly scopes: readonly string[]
  /** Milliseconds by the gateway's clock; undefined for one that never ends. */
  readonly expiresAt: number | undefined
  /** SHA-256 of the secret. */
  readonly hash: string
}

/** Keys, and which of them are in force. */
export interface Passes {
  /** A key that is not in force yet; its secret is told nowhere else. */
  make(period: Period): { readonly secret: string; readonly pass: Pass }
  /** Puts a key in force. */
  keep(pass: Pass): void
  find(secret: string): Pass | undefined
  isOver(pass: Pass): boolean
  /** Forgets those that were bought. */
  reset(): void
  save(): readonly Pass[]
  load(saved: readonly Pass[]): void
}

const DAY = 24 * 3_600_000
const LIFE: Readonly<Record<Period, number>> = { '1d': DAY, '1w': 7 * DAY, '4w': 28 * DAY }

/** Keys that exist from the start are full ones, each with the scopes given. */
export function createPasses(
  full: Readonly<Record<string, { readonly scopes: readonly string[] }>>,
  clock: GatewayClock,
): Passes {
  const passes = new Map<string, Pass>()
  const keep = (pass: Pass) => passes.set(pass.hash, pass)
  const reset = () => {
    passes.clear()
    for (const [index, [secret, { scopes }]] of Object.entries(full).entries()) {
      const name = `full-${index + 1}`
      keep({ id: name, name, type: 'full', scopes, expiresAt: undefined, hash: hashOf(secret) })
    }
  }
  reset()
  return {
    make: (period) => {
      const secret = `aixbt_${randomBytes(24).toString('hex')}`
      const id = crypto.randomUUID()
      const pass: Pass = {
        id,
        name: `x402-${period}-${id.slice(0, 8)}`,
        type: 'x402',
        scopes: ['mcp', 'projects'],
        expiresAt: clock.now() + LIFE[period],
        hash: hashOf(secret),
      }
      return { secret, pass }
    },
    keep,
    find: (secret) => passes.get(hashOf(secret)),
    isOver: ({ expiresAt }) => expiresAt !== undefined && expiresAt <= clock.now(),
    reset,
    save: () => [...passes.values()].filter(({ type }) => type === 'x402'),
    load: (saved) => saved.forEach(keep),
  }
}

function hashOf(secret: string): string {
  return hash('sha256', secret)
}
