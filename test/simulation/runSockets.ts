import { planOf } from './plan'
import { runOverSockets } from './runOverSockets'
import type { Totals } from './runWorkers'
import type { Outcome } from './simulate'
import { readProfile, type Task } from './Task'

/** Schedules that are under way at a time: they mostly wait. */
const AT_ONCE = 12

/** Runs the seeds of `task` over sockets, in this process. */
export async function runSockets(task: Task): Promise<Totals> {
  const { from, end } = task
  const profile = readProfile(task.profile)
  const counts = new Map<string, number>()
  const failures = new Map<string, number[]>()
  const started = Date.now()
  const deadline = started + task.seconds * 1000
  let next = from
  let ran = 0
  const fail = (seed: number, what: string, detail: string) => {
    process.stderr.write(`seed ${seed}: ${what}: ${detail}\n`)
    const seeds = failures.get(what) ?? []
    if (!seeds.includes(seed)) failures.set(what, [...seeds, seed])
  }
  const onUnhandled = (reason: unknown) => fail(next - 1, 'unhandled', describe(reason))
  process.on('unhandledRejection', onUnhandled)
  const work = async () => {
    while (next < end && Date.now() < deadline) {
      const seed = next++
      try {
        const outcome = await inTime(runOverSockets(planOf(seed, profile)), task.most)
        ran++
        for (const [what, times] of Object.entries(outcome.counts)) {
          counts.set(what, (counts.get(what) ?? 0) + times)
        }
        for (const { kind, detail } of outcome.violations) fail(seed, kind, detail)
      } catch (error) {
        fail(seed, 'broke', describe(error))
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  process.off('unhandledRejection', onUnhandled)
  return { ran, seconds: (Date.now() - started) / 1000, counts, failures }
}

function inTime(work: Promise<Outcome>, seconds: number): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const alarm = setTimeout(() => reject(new Error(`took over ${seconds} s`)), seconds * 1000)
    work.then(resolve, reject).finally(() => clearTimeout(alarm))
  })
}

function describe(reason: unknown): string {
  return reason instanceof Error ? String(reason.stack) : String(reason)
}
