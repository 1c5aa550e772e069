import type { Json, Store } from '../store/Store'
import { type Attempt, type AttemptState, readAttempt } from './Attempt'
import { superseded } from './failures'

/**
 * The journal of one (origin, wallet), or of one request of it. The one open attempt *is* the record under the need's key:
 * the mutex and the entry cannot disagree. A closed attempt moves to the archive.
 */
export type Journal = {
  /** The open attempt, whoever is at it. */
  readonly open: () => Promise<Attempt | undefined>
  /** Takes the need for `attempt` if it is free; resolves to the attempt that stands. */
  readonly claim: (attempt: Attempt) => Promise<Attempt>
  /**
   * True where `worker` may work on `attempt`: it is its own, or its worker is done or has given no
   * sign of life for as long as its lease. That is watched, not computed: the clocks of two machines
   * may differ by more than a lease, and each look at one attempt adds to the watch. Where the store
   * knows who is there, whoever is not is done.
   */
  readonly isFree: (attempt: Attempt, worker: string) => Promise<boolean>
  /** Takes over an attempt that is free, if it is as it was seen; resolves to what stands. */
  readonly takeOver: (attempt: Attempt, worker: string) => Promise<Attempt | undefined>
  /** Renews the lease of `attempt`, or ends it, if it still stands and is still its worker's. */
  readonly lease: (attempt: Attempt, change: 'renewed' | 'ended') => Promise<void>
  /**
   * Writes `change` if `attempt` still stands in one of `from`. Before anything was sent, only by the
   * worker whose attempt it is: once that has changed, nothing may be signed or given up by the old one.
   * @throws ARouterError `attempt_superseded`: another process took it over or closed it meanwhile.
   */
  readonly advance: (
    attempt: Attempt,
    from: readonly AttemptState[],
    change: Partial<Attempt>,
  ) => Promise<Attempt>
  /** Archives `attempt` in its final form and frees the need. Safe to repeat. */
  readonly close: (attempt: Attempt, change: Partial<Attempt>) => Promise<Attempt>
  /** When the last payment of this wallet here was begun, if it ever made one. */
  readonly lastPaid: () => Promise<number | undefined>
  /** All attempts that were closed, the newest first. */
  readonly closed: () => Promise<readonly Attempt[]>
  /** All attempts, the open one first. */
  readonly list: () => Promise<readonly Attempt[]>
}

/** A worker that gives no sign of life for this long, in milliseconds, is taken for dead. */
export const LEASE_MS = 600
/** The same where a person is asked: the timers of a page behind another one are slow. */
export const PATIENT_LEASE_MS = 3_000
/** No two clocks differ by this much: an older sign of life needs no watching. */
const LONG_AGO_MS = 60_000

/** Closed attempts of one wallet at one origin that are kept. */
const MOST_KEPT = 500

/** Where the open attempt of a wallet stands; those for single requests below it. */
export const needKey = (origin: string, from: string) => `need/${origin}/${from}`
/** Before the id of each closed attempt. */
export const archiveKey = (origin: string, from: string) => `attempt/${origin}/${from}/`

export function createJournal(
  store: Store,
  origin: string,
  from: string,
  now: () => number,
  lease = LEASE_MS,
  request?: string,
): Journal {
  const need = request === undefined ? needKey(origin, from) : `${needKey(origin, from)}/${request}`
  const archive = archiveKey(origin, from)
  const read = (value: Json | undefined) =>
    value === undefined ? undefined : readAttempt(value, need)
  const write = (attempt: Attempt): Json => ({ ...attempt }) as unknown as Json // an Attempt is JSON by its type

  let watched = { life: '', since: 0 }

  const open = async () => read(await store.get(need))
  /** Replaces what stands under the need; resolves to what then does. */
  const replace = async (change: (standing: Attempt | undefined) => Attempt | undefined) =>
    read(
      await store.update(need, (current) => {
        const standing = read(current)
        const next = change(standing)
        return next === standing ? current : next && write(next)
      }),
    )
  const isFree = async (attempt: Attempt, worker: string) => {
    const life = `${attempt.id} ${attempt.worker} ${attempt.beat}`
    const at = now()
    // A clock that has gone back cannot tell how long it was watched.
    if (life !== watched.life || at < watched.since) watched = { life, since: at }
    const isSilent = at - watched.since >= attempt.lease || at - attempt.beat > LONG_AGO_MS
    if (attempt.worker === worker || isSilent) return true
    return store.presence !== undefined && !(await store.presence.isThere(attempt.worker))
  }
  const closed = async () => {
    const entries = await store.list(archive)
    const attempts = entries.map(([key, value]) => readAttempt(value, key))
    return attempts.sort((a, b) => b.createdAt - a.createdAt)
  }
  // Ids are random: every sixteenth attempt, on average, throws out what is too old to be of use.
  const compact = async () => {
    const attempts = await closed()
    // Those that moved no money must not push out the ones that tell that the wallet has paid here.
    const paid = attempts.filter(isPaid)
    const unpaid = attempts.filter((attempt) => !isPaid(attempt))
    for (const { id } of [...paid.slice(MOST_KEPT), ...unpaid.slice(MOST_KEPT)]) {
      await store.update(archive + id, () => undefined)
    }
  }

  return {
    open,
    closed,
    claim: async (attempt) => {
      await store.presence?.announce(attempt.worker)
      const mine: Attempt = { ...attempt, beat: now(), lease }
      let claimed = mine
      await replace((standing) => {
        claimed = standing ?? mine
        return claimed
      })
      return claimed
    },
    isFree,
    takeOver: async (attempt, worker) => {
      await store.presence?.announce(worker)
      return replace((standing) => {
        if (standing?.id !== attempt.id) return standing
        const isAsSeen = standing.worker === attempt.worker && standing.beat === attempt.beat
        if (!isAsSeen && standing.worker !== worker) return standing
        return { ...standing, worker, beat: now(), lease }
      })
    },
    lease: async (attempt, change) => {
      const life = { beat: now(), lease: change === 'renewed' ? lease : 0 }
      await replace((standing) => {
        const isMine = standing?.id === attempt.id && standing.worker === attempt.worker
        return isMine ? { ...standing, ...life } : standing
      })
    },
    advance: async (attempt, states, change) => {
      let written: Attempt | undefined
      await replace((standing) => {
        written = undefined
        if (standing?.id !== attempt.id || !states.includes(standing.state)) return standing
        const isUnsent = standing.state === 'intended' || change.state === 'abandoned'
        if (isUnsent && standing.worker !== attempt.worker) return standing
        const life = standing.worker === attempt.worker && { beat: now() }
        written = { ...standing, ...change, ...life, changedAt: now() }
        return written
      })
      if (!written) throw superseded(attempt.id)
      return written
    },
    close: async (attempt, change) => {
      const { header: _, answer: __, ...rest } = { ...attempt, ...change, changedAt: now() }
      const key = archive + attempt.id
      await store.update(key, (current) => current ?? write(rest))
      await replace((standing) => (standing?.id === attempt.id ? undefined : standing))
      if (attempt.id.endsWith('0')) await compact()
      return rest
    },
    lastPaid: async () => ((await open()) ?? (await closed()).find(isPaid))?.createdAt,
    list: async () => {
      const standing = await open()
      const others = await closed()
      return standing ? [standing, ...others.filter(({ id }) => id !== standing.id)] : others
    },
  }
}

function isPaid({ state }: Attempt): boolean {
  return state !== 'abandoned' && state !== 'dead'
}
