import { parseArgs } from 'node:util'
import { planOf } from './plan'
import { simulateSeller } from './simulateSeller'

const USAGE = `Buys from simulated sellers of single things, while everything goes wrong that can.

npm run simulate:sellers -- [--seeds 100000] [--seconds 600] [--from 0]
npm run simulate:sellers -- --seed N    one schedule, with all that happens in it

It stops at the number of seeds or after the seconds, whichever comes first, and exits with 1 where
anything failed.
`

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '600' },
    from: { type: 'string', default: '0' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const print = (line: string) => process.stdout.write(`${line}\n`)
const totals: Record<string, number> = {}
const failed = new Map<number, readonly string[]>()
let seed = Number(values.seed ?? values.from)

process.on('unhandledRejection', (error) => {
  failed.set(seed, [`unhandled: ${error instanceof Error ? error.stack : error}`])
})

if (values.help) print(USAGE)
else await main()

async function main(): Promise<void> {
  const started = Date.now()
  const end = seed + (values.seed === undefined ? Number(values.seeds) : 1)
  const from = seed
  for (; seed < end && Date.now() - started < Number(values.seconds) * 1000; seed++) {
    const plan = planOf(seed)
    const trace = values.seed === undefined ? undefined : print
    trace?.(JSON.stringify(plan))
    const { violations, counts } = await simulateSeller(plan, trace)
    for (const [what, times] of Object.entries({ ...counts, [`sellers: ${plan.manner}`]: 1 })) {
      totals[what] = (totals[what] ?? 0) + times
    }
    if (violations.length > 0) failed.set(seed, violations)
  }
  for (const what of Object.keys(totals).sort())
    print(`${String(totals[what]).padStart(12)} ${what}`)
  for (const [at, [what]] of [...failed].slice(0, 8)) {
    print(`FAILED ${what}\n  npm run simulate:sellers -- --seed ${at}`)
  }
  const took = (Date.now() - started) / 1000
  print(
    `${seed - from} schedules in ${took.toFixed(1)} s, ${((seed - from) / took).toFixed(0)} per second`,
  )
  print(failed.size === 0 ? '0 violations' : `${failed.size} schedules with violations`)
  process.exitCode = failed.size === 0 ? 0 : 1
}
