import type { Totals } from './runWorkers'
import type { Task } from './Task'

/** How schedules are played. */
export type Way = {
  readonly runAll: (task: Task, workers: number) => Promise<Totals>
  /** Plays the first one and prints all that happens in it; resolves to whether nothing failed. */
  readonly runOne: (task: Task) => Promise<boolean>
}
