import { parentPort } from 'node:worker_threads'
import type { Outcome } from './simulate'
import type { Report, WorkerData } from './Task'

/** How often a worker reports, in milliseconds. */
const REPORT_MS = 1_000

/** What a seed stands for. */
export type Schedule = {
  readonly plan: object
  /** The kinds of schedule it is one of, as they are counted. */
  readonly kinds: readonly string[]
  readonly run: (trace?: (line: string) => void) => Promise<Outcome>
}

/** Does a worker's task with the schedules that `draw` makes of seeds. */
export async function workThrough(
  { task, underWay }: WorkerData,
  draw: (seed: number) => Schedule,
): Promise<void> {
  const begin = (seed: number) => {
    underWay[0] = seed
    underWay[1] = Date.now()
    underWay[2] = (underWay[2] ?? 0) + 1
    return draw(seed)
  }
  const report = (lines: Report) => {
    parentPort?.postMessage(lines)
    underWay[2] = 0
  }
  if (task.trace) return report(await replay(begin(task.from), task.from))
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
    const { run, kinds } = begin(seed)
    const { counts, violations } = await run()
    lines.ran++
    for (const what of kinds) lines.counts[what] = (lines.counts[what] ?? 0) + 1
    for (const [what, times] of Object.entries(counts)) {
      lines.counts[what] = (lines.counts[what] ?? 0) + times
    }
    const failed = new Set(violations.map(({ kind }) => kind))
    for (const what of failed) lines.failures.push({ seed, what })
    if (until.some((kind) => failed.has(kind))) break
  }
  report(lines)
  underWay[1] = 0
}

/** Runs one schedule and tells what happened in it. */
async function replay({ plan, run }: Schedule, seed: number): Promise<Report> {
  const print = (line: string) => process.stdout.write(`${line}\n`)
  print(JSON.stringify(plan, (_, value) => (typeof value === 'bigint' ? `${value}` : value), 1))
  const { violations } = await run(print)
  for (const { kind, detail } of violations) print(`${kind}: ${detail}`)
  print(violations.length === 0 ? '0 violations' : `${violations.length} violations`)
  return { ran: 1, counts: {}, failures: violations.map(({ kind }) => ({ seed, what: kind })) }
}

function empty(): Report & { ran: number; counts: Record<string, number> } {
  return { ran: 0, counts: {}, failures: [] }
}
