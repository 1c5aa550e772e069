import { inspect } from 'node:util'
import { type Result, runSeed, watchUnhandled } from './fuzz'
import { BINS, BINS_PER_MS, type Failure, type Task } from './Task'

/** After how many inputs a worker reports. */
const REPORT_EVERY = 2_000
/** What is compiled and filled at first is not timed. */
const WARM_UP = 3_000

const task = JSON.parse(process.argv[2] ?? '{}') as Task // written by runWorkers
// A worker without its parent has nobody to tell.
process.on('disconnect', () => process.exit(1))
watchUnhandled()
main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
  process.exit(1)
})

async function main(): Promise<void> {
  if (task.tell) {
    const result = await runSeed(task.from, task.of)
    process.stdout.write(`${tell(task.from, result)}\n`)
    process.exit(result.faults.length === 0 ? 0 : 1)
  }
  const warmUp = task.of === 'server' ? WARM_UP : 0
  for (let seed = 0; seed < warmUp; seed++) await runSeed(seed, task.of)
  await work(task)
}

async function work({ of, from, end, step }: Task): Promise<void> {
  let report = empty()
  for (let seed = from; seed < end; seed += step) {
    const result = await runSeed(seed, of)
    const { area, outcome, signatures, faults } = result
    report.ran++
    report.signatures += signatures
    // A gateway's own codes are as many as it likes.
    const what = `${area}: ${area === 'error body' && outcome !== 'answer' ? 'an error' : outcome}`
    report.outcomes[what] = (report.outcomes[what] ?? 0) + 1
    bin(result.conforms ? report.honest : report.malformed, result.milliseconds)
    if (faults.length > 0) {
      report.failures.push({ seed, area, faults, told: tell(seed, result) })
    }
    if (report.ran === REPORT_EVERY) {
      process.send?.(report)
      report = empty()
    }
  }
  process.send?.(report, () => process.exit(0))
}

function tell(seed: number, result: Result): string {
  return `seed ${seed} ${inspect(result, { depth: 9, maxStringLength: 4_000 })}`
}

function bin(bins: number[], milliseconds: number): void {
  const at = Math.min(BINS, Math.floor(milliseconds * BINS_PER_MS))
  bins[at] = (bins[at] ?? 0) + 1
}

function empty() {
  const outcomes: Record<string, number> = {}
  const failures: Failure[] = []
  const bins = () => Array.from({ length: BINS + 1 }, () => 0)
  return { ran: 0, outcomes, signatures: 0, malformed: bins(), honest: bins(), failures }
}
