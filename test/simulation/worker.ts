import { parentPort, workerData } from 'node:worker_threads'
import { type Plan, planOf } from './plan'
import { installLightPlatform, realPlatform } from './platform'
import { simulate, watchUnhandled } from './simulate'
import { type Report, readProfile, type WorkerData } from './Task'

/** How often a worker reports, in milliseconds. */
const REPORT_MS = 1_000

const { task, underWay } = workerData as WorkerData // given by runWorkers
const platform = task.platform === 'real' ? realPlatform : installLightPlatform()
const profile = readProfile(task.profile)
if (!task.trace) Error.stackTraceLimit = 0 // Nobody looks, and they take their time.
watchUnhandled()
if (task.trace) await replay(task.from)
else await work()

/** Runs one schedule and tells what happened in it. */
async function replay(seed: number): Promise<void> {
  const print = (line: string) => process.stdout.write(`${line}\n`)
  const plan = begin(seed)
  print(JSON.stringify(plan, (_, value) => (typeof value === 'bigint' ? `${value}` : value), 1))
  const { violations } = await simulate(plan, platform, print)
  for (const { kind, detail } of violations) print(`${kind}: ${detail}`)
  print(violations.length === 0 ? '0 violations' : `${violations.length} violations`)
  const failures = violations.map(({ kind }) => ({ seed, what: kind }))
  report({ ran: 1, counts: {}, failures })
}

/** Runs every seed of the task. */
async function work(): Promise<void> {
  const { from, end, step, seconds, until = [] } = task
  const started = Date.now()
  let lines = empty()
  let reported = started
  for (let seed = from; seed < end; seed += step) {
    const now = Date.now()
    if (now - started >= seconds * 1000) break
    if (now - reported >= REPORT_MS) {
      report(lines)
      lines = empty()
      reported = now
    }
    const plan = begin(seed)
    const { counts, violations } = await simulate(plan, platform)
    lines.ran++
    const drawn = {
      [`schedules at fault rate ${plan.faults}`]: 1,
      [`schedules of kind ${plan.profile}`]: 1,
      [`schedules with a gateway: ${plan.gateway.replay}`]: 1,
    }
    for (const [what, times] of [...Object.entries(counts), ...Object.entries(drawn)]) {
      lines.counts[what] = (lines.counts[what] ?? 0) + times
    }
    const kinds = new Set(violations.map(({ kind }) => kind))
    for (const what of kinds) lines.failures.push({ seed, what })
    if (until.some((kind) => kinds.has(kind))) break
  }
  report(lines)
  underWay[1] = 0
}

function begin(seed: number): Plan {
  underWay[0] = seed
  underWay[1] = Date.now()
  underWay[2] = (underWay[2] ?? 0) + 1
  return planOf(seed, profile)
}

function report(lines: Report): void {
  parentPort?.postMessage(lines)
  underWay[2] = 0
}

function empty(): Report & { ran: number; counts: Record<string, number> } {
  return { ran: 0, counts: {}, failures: [] }
}
