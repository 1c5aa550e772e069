import { fork } from 'node:child_process'
import type { Report, Task } from './Task'

export type Totals = {
  readonly ran: number
  readonly counts: ReadonlyMap<string, number>
  /** Failing seeds, in order, by the kind of what failed first. */
  readonly failures: ReadonlyMap<string, readonly number[]>
  /** False where a worker broke down. */
  readonly whole: boolean
}

/** Runs the seeds of `task` in `workers` processes of the bundle at `path`. */
export async function runWorkers(path: string, workers: number, task: Task): Promise<Totals> {
  const counts = new Map<string, number>()
  const failures = new Map<string, number[]>()
  let ran = 0
  const take = (report: Report) => {
    ran += report.ran
    for (const [what, times] of Object.entries(report.counts)) {
      counts.set(what, (counts.get(what) ?? 0) + times)
    }
    for (const { seed, what } of report.failures) {
      failures.set(
        what,
        [...(failures.get(what) ?? []), seed].sort((a, b) => a - b),
      )
    }
  }
  const codes = await Promise.all(
    Array.from({ length: workers }, (_, share) =>
      run(path, { ...task, from: task.from + share, step: workers }, take),
    ),
  )
  return { ran, counts, failures, whole: codes.every((code) => code === 0) }
}

/** Runs one schedule with its trace on this process's output; resolves to the exit code. */
export function runTraced(path: string, task: Task): Promise<number | null> {
  return run(path, { ...task, trace: true }, () => undefined)
}

function run(path: string, task: Task, take: (report: Report) => void): Promise<number | null> {
  const execArgv = task.trace ? ['--enable-source-maps'] : []
  const worker = fork(path, [JSON.stringify(task)], { execArgv })
  worker.on('message', (message) => take(message as Report)) // sent by the worker's `work`
  return new Promise((resolve) => worker.on('exit', resolve))
}
