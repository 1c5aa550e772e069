import { PROFILES, type Profile } from './plan'

/** Which schedules a worker runs. */
export type Task = {
  readonly from: number
  /** The seed to stop before. */
  readonly end: number
  readonly step: number
  readonly seconds: number
  /** Seconds of real time a schedule may take before it counts as one that never ends. */
  readonly most: number
  readonly platform: 'light' | 'real'
  readonly profile?: string | undefined
  /** Runs `from` alone and prints what happens. */
  readonly trace?: boolean
  /** Stops at the first failure of one of these kinds. */
  readonly until?: readonly string[]
}

/** What a worker is started with. */
export type WorkerData = {
  readonly task: Task
  /** The seed under way, since when in milliseconds, and how many were begun since the last report. */
  readonly underWay: Float64Array
}

/** What a worker tells of the schedules it ran since it last did. */
export type Report = {
  readonly ran: number
  readonly counts: Readonly<Record<string, number>>
  readonly failures: { readonly seed: number; readonly what: string }[]
}

/** @throws TypeError for a profile there is none of. */
export function readProfile(name: string | undefined): Profile | undefined {
  const profile = PROFILES.find((known) => known === name)
  if (name !== undefined && !profile)
    throw new TypeError(`--profile is one of ${PROFILES.join(', ')}`)
  return profile
}
