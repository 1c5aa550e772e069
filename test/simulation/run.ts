import { parseArgs } from 'node:util'
import { bundleWorker } from './bundle'
import { PROFILES } from './plan'
import { runTraced, runWorkers, type Totals } from './runWorkers'
import { readProfile, type Task } from './Task'

const USAGE = `Runs the payment engine through seeded schedules of everything that can go wrong.

npx tsx test/simulation/run.ts [--seeds 100000] [--seconds 600] [--from 0] [--workers 2]
npx tsx test/simulation/run.ts --seed N          one schedule, with all that happens in it
  --profile ${PROFILES.join('|')}   one kind of schedule only
  --platform light|real   whose Response and streams; light is faster
`
/** How many failing seeds of one kind are told. */
const MOST_TOLD = 4

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '600' },
    from: { type: 'string', default: '0' },
    workers: { type: 'string', default: '2' },
    profile: { type: 'string' },
    platform: { type: 'string', default: 'light' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(USAGE)
else await main()

async function main(): Promise<void> {
  readProfile(values.profile)
  const from = Number(values.seed ?? values.from)
  const task: Task = {
    from,
    end: from + Number(values.seeds),
    step: 1,
    seconds: Number(values.seconds),
    platform: values.platform === 'real' ? 'real' : 'light',
    profile: values.profile,
  }
  const bundle = await bundleWorker()
  try {
    if (values.seed !== undefined) {
      process.exitCode = (await runTraced(bundle.path, task)) ?? 1
      return
    }
    const started = Date.now()
    const totals = await runWorkers(bundle.path, Number(values.workers), task)
    process.stdout.write(summary(totals, (Date.now() - started) / 1000))
    process.exitCode = totals.whole && totals.failures.size === 0 ? 0 : 1
  } finally {
    await bundle.remove()
  }
}

function summary({ ran, counts, failures, whole }: Totals, seconds: number): string {
  const lines = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, times]) => `${String(times).padStart(12)} ${what}`)
  lines.push(
    `${ran} schedules in ${seconds.toFixed(1)} s, ${(ran / seconds).toFixed(0)} per second`,
  )
  for (const [what, seeds] of failures) {
    const first = seeds.slice(0, MOST_TOLD).join(', ')
    lines.push(`${what}: ${seeds.length} schedules; --seed ${first}`)
  }
  if (!whole) lines.push('A worker broke down.')
  lines.push(whole && failures.size === 0 ? '0 violations' : 'FAILED')
  return `${lines.join('\n')}\n`
}
