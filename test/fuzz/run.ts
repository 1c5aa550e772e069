import { parseArgs } from 'node:util'
import { replay, runWorkers, type Times, type Totals } from './runWorkers'

const USAGE = `Puts seeded inputs of a hostile server to the SDK, and judges what comes of each.

npm run fuzz -- [--runs 100000] [--seed 1] [--workers 2] [--share 0.6]
npm run fuzz -- --wallets        what wallets return in the place of a signed payment, mutated
npm run fuzz -- --only N         the input of one seed, with what came of it

With --share it fails unless 99 in a hundred malformed inputs cost less processor time than this part of what
99 in a hundred honest ones cost: 0.6 is 2 ms where an honest one takes 3.3.
`
/** How many failing inputs are told. */
const MOST_TOLD = 10

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    share: { type: 'string', default: 'Infinity' },
    wallets: { type: 'boolean', default: false },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const of = values.wallets ? 'wallet' : 'server'
const print = (text: string) => process.stdout.write(`${text}\n`)

if (values.help) print(USAGE)
else if (values.only !== undefined) process.exitCode = (await replay(Number(values.only), of)) ?? 1
else await main()

async function main(): Promise<void> {
  const [seed, runs, workers, share] = [values.seed, values.runs, values.workers, values.share].map(
    Number,
  )
  if (!seed || !runs || !workers || !share)
    throw new TypeError('seed, runs, workers and share are numbers above 0')
  const started = Date.now()
  const totals = await runWorkers(seed, runs, workers, of)
  const seconds = (Date.now() - started) / 1000
  print(summary(totals, seconds))
  for (const { told } of totals.failures.slice(0, MOST_TOLD)) print(told)
  const isGood = totals.whole && totals.ran === runs && totals.failures.length === 0
  print(isGood ? '0 failures' : `FAILED: ${totals.failures.length} inputs`)
  const isFast = totals.malformed.p99 < share * totals.honest.p99
  if (!isFast) print(`TOO SLOW: a malformed input may take ${share} of what an honest one takes`)
  process.exitCode = isGood && isFast ? 0 : 1
}

function summary(totals: Totals, seconds: number): string {
  const { ran, outcomes, signatures, malformed, honest } = totals
  const lines = [...outcomes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, times]) => `${String(times).padStart(9)} ${what}`)
  return [
    ...lines,
    `${ran} inputs in ${seconds.toFixed(1)} s, ${(ran / seconds).toFixed(0)} per second`,
    ...(values.wallets
      ? [
          `not the payment that was approved, and not sent: ${told(malformed)}`,
          `the payment that was approved, and sent: ${told(honest)}`,
        ]
      : [
          `${signatures} signatures, each of an offer that conforms`,
          `malformed: ${told(malformed)}`,
          `honest, to be paid, adopted or read: ${told(honest)}`,
        ]),
  ].join('\n')
}

function told({ inputs, p50, p99 }: Times): string {
  return `${inputs} inputs, processor time of each p50 ${p50} ms, p99 ${p99} ms`
}
