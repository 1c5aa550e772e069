import { planOf } from './plan'
import { installLightPlatform, realPlatform } from './platform'
import { simulate, watchUnhandled } from './simulate'
import { type Report, readProfile, type Task } from './Task'

/** After how many schedules a worker reports. */
const REPORT_EVERY = 1_000

const task = JSON.parse(process.argv[2] ?? '{}') as Task // written by runWorkers
const platform = task.platform === 'real' ? realPlatform : installLightPlatform()
const profile = readProfile(task.profile)
if (!task.trace) Error.stackTraceLimit = 0 // Nobody looks, and they take their time.
watchUnhandled()
if (task.trace) await replay(task.from)
else await work(task)

/** Runs one schedule and tells what happened in it. */
async function replay(seed: number): Promise<void> {
  const print = (line: string) => process.stdout.write(`${line}\n`)
  const plan = planOf(seed, profile)
  print(JSON.stringify(plan, (_, value) => (typeof value === 'bigint' ? `${value}` : value), 1))
  const { violations } = await simulate(plan, platform, print)
  for (const { kind, detail } of violations) print(`${kind}: ${detail}`)
  print(violations.length === 0 ? '0 violations' : `${violations.length} violations`)
  process.exitCode = violations.length === 0 ? 0 : 1
}

/** Runs every seed of the task. */
async function work({ from, end, step, seconds, until = [] }: Task): Promise<void> {
  const deadline = Date.now() + seconds * 1000
  let report = empty()
  for (let seed = from; seed < end && Date.now() < deadline; seed += step) {
    const plan = planOf(seed, profile)
    const { counts, violations } = await simulate(plan, platform)
    report.ran++
    const drawn = {
      [`schedules at fault rate ${plan.faults}`]: 1,
      [`schedules of kind ${plan.profile}`]: 1,
      [`schedules with a gateway: ${plan.gateway.replay}`]: 1,
    }
    for (const [what, times] of [...Object.entries(counts), ...Object.entries(drawn)]) {
      report.counts[what] = (report.counts[what] ?? 0) + times
    }
    const kinds = new Set(violations.map(({ kind }) => kind))
    for (const what of kinds) report.failures.push({ seed, what })
    if (until.some((kind) => kinds.has(kind))) break
    if (report.ran === REPORT_EVERY) {
      process.send?.(report)
      report = empty()
    }
  }
  process.send?.(report)
  process.disconnect?.()
}

function empty(): Report & { ran: number; counts: Record<string, number> } {
  return { ran: 0, counts: {}, failures: [] }
}
