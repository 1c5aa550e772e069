import { parseArgs } from 'node:util'
import { replay, runWorkers, type Totals } from './runWorkers'

const USAGE = `Puts seeded inputs of a hostile server to the SDK, and judges what comes of each.

npm run fuzz -- [--runs 100000] [--seed 1] [--workers 2]
npm run fuzz -- --only N         the input of one seed, with what came of it
`
/** How many failing inputs are told. */
const MOST_TOLD = 10

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const print = (text: string) => process.stdout.write(`${text}\n`)

if (values.help) print(USAGE)
else if (values.only !== undefined) process.exitCode = (await replay(Number(values.only))) ?? 1
else await main()

async function main(): Promise<void> {
  const [seed, runs, workers] = [values.seed, values.runs, values.workers].map(Number)
  if (!seed || !runs || !workers) throw new TypeError('seed, runs and workers are numbers above 0')
  const started = Date.now()
  const totals = await runWorkers(seed, runs, workers)
  const seconds = (Date.now() - started) / 1000
  print(summary(totals, seconds))
  for (const { told } of totals.failures.slice(0, MOST_TOLD)) print(told)
  const isGood = totals.whole && totals.ran === runs && totals.failures.length === 0
  print(isGood ? '0 failures' : `FAILED: ${totals.failures.length} inputs`)
  process.exitCode = isGood ? 0 : 1
}

function summary({ ran, outcomes, signatures, busy, wall }: Totals, seconds: number): string {
  const lines = [...outcomes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, times]) => `${String(times).padStart(9)} ${what}`)
  return [
    ...lines,
    `${ran} inputs in ${seconds.toFixed(1)} s, ${(ran / seconds).toFixed(0)} per second`,
    `${signatures} signatures, each of an offer that conforms`,
    `processor time per input: p50 ${busy.p50} ms, p99 ${busy.p99} ms`,
    `time on the clock: p50 ${wall.p50} ms, p99 ${wall.p99} ms`,
  ].join('\n')
}
