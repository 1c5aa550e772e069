import { Worker } from 'node:worker_threads'
import type { Report, Task } from './Task'

export type Totals = {
  readonly ran: number
  /** How long that took. */
  readonly seconds: number
  readonly counts: ReadonlyMap<string, number>
  /** Failing seeds, in order, by the kind of what failed. */
  readonly failures: ReadonlyMap<string, readonly number[]>
}

/** What a worker that ends for any other reason than its work is put down as. */
const BROKEN = 'broke its worker'
/** How often the schedules under way are looked at, in milliseconds. */
const LOOK_MS = 500
/** A schedule takes a few milliseconds and some megabytes; one that grows to this has run away. */
const MOST_MEGABYTES = 2_048

/**
 * Runs the seeds of `task` in `workers` threads of the bundle at `path`. They end with this process,
 * however that ends; a schedule that runs away is ended and counts as a failure.
 */
export async function runWorkers(path: string, workers: number, task: Task): Promise<Totals> {
  const counts = new Map<string, number>()
  const failures = new Map<string, number[]>()
  let ran = 0
  const fail = (what: string, seed: number) => {
    failures.set(
      what,
      [...(failures.get(what) ?? []), seed].sort((a, b) => a - b),
    )
  }
  const take = (report: Report) => {
    ran += report.ran
    for (const [what, times] of Object.entries(report.counts)) {
      counts.set(what, (counts.get(what) ?? 0) + times)
    }
    for (const { seed, what } of report.failures) fail(what, seed)
  }
  const started = Date.now()
  const deadline = started + task.seconds * 1000
  const work = async (share: number): Promise<void> => {
    let from = task.from + share
    while (from < task.end && Date.now() < deadline) {
      const seconds = (deadline - Date.now()) / 1000
      const stopped = await run(path, { ...task, from, step: workers, seconds }, take)
      if (!stopped) return
      ran += stopped.ran
      fail(stopped.what, stopped.seed)
      if (task.until?.includes(stopped.what)) return
      from = stopped.seed + workers
    }
  }
  await Promise.all(Array.from({ length: workers }, (_, share) => work(share)))
  return { ran, seconds: (Date.now() - started) / 1000, counts, failures }
}

/** Runs one schedule with its trace on this process's output; resolves to whether nothing failed. */
export async function runTraced(path: string, task: Task): Promise<boolean> {
  let failed = 0
  const stopped = await run(path, { ...task, trace: true }, ({ failures }) => {
    failed += failures.length
  })
  if (stopped) process.stdout.write(`${stopped.what}\n`)
  return failed === 0 && !stopped
}

/** A schedule that its worker did not end, and how many were run since the last report. */
type Stopped = { readonly seed: number; readonly what: string; readonly ran: number }

/** Resolves to what the worker did not end by itself, if there is something. */
function run(
  path: string,
  task: Task,
  take: (report: Report) => void,
): Promise<Stopped | undefined> {
  const underWay = new Float64Array(new SharedArrayBuffer(3 * Float64Array.BYTES_PER_ELEMENT))
  const worker = new Worker(path, {
    workerData: { task, underWay },
    execArgv: task.trace ? ['--enable-source-maps'] : [],
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEGABYTES },
  })
  const seed = () => underWay[0] ?? task.from
  const stop = (what: string): Stopped => ({ seed: seed(), what, ran: underWay[2] ?? 0 })
  let stopped: Stopped | undefined
  const watch = setInterval(() => {
    const since = underWay[1] ?? 0
    if (since === 0 || Date.now() - since < task.most * 1000) return
    stopped = stop(`took over ${task.most} s`)
    void worker.terminate()
  }, LOOK_MS)
  worker.on('message', (message) => take(message as Report)) // sent by the worker's `work`
  worker.on('error', (error) => {
    process.stderr.write(`seed ${seed()}: ${error.stack}\n`)
    stopped ??= stop(BROKEN)
  })
  return new Promise((resolve) => {
    worker.on('exit', (code) => {
      clearInterval(watch)
      resolve(stopped ?? (code === 0 ? undefined : stop(BROKEN)))
    })
  })
}
