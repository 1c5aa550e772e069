import { isObject } from '../encoding'
import { unreadable } from '../errors'
import type { Json } from '../store/Store'

const FIRST_MS = 1_000
const LONGEST_MS = 60_000

/** How often in a row signing in was refused, and until when it is not tried again. */
export type Calm = { readonly failures: number /** Milliseconds. */; readonly until: number }

/** Reads a `calm/…` record. */
export function readCalm(value: Json | undefined, key: string): Calm {
  if (value === undefined) return { failures: 0, until: 0 }
  if (!isObject(value) || value.v !== 1) throw unreadable(key)
  const { failures, until } = value
  if (typeof failures !== 'number' || typeof until !== 'number') throw unreadable(key)
  return { failures, until }
}

/** Milliseconds to wait; none where a clock has gone back since, and `until` is too far ahead. */
export function calmLeft({ until }: Calm, now: number): number {
  return until - now > LONGEST_MS ? 0 : Math.max(0, until - now)
}

/** One refusal more: 1, 2, 4 .. 60 seconds of calm. */
export function calmAfterRefusal(calm: Calm, now: number) {
  const wait = Math.min(FIRST_MS * 2 ** calm.failures, LONGEST_MS)
  return { v: 1, failures: calm.failures + 1, until: now + wait }
}
