import { parseArgs } from 'node:util'
import { bundleWorker } from '../bundle'
import { runTraced, runWorkers } from '../runWorkers'
import { summary } from '../summary'
import type { Task } from '../Task'
import { readSystem, SYSTEMS } from './plan'

const USAGE = `Buys from simulated sellers of single things, while everything goes wrong that can.

npm run simulate:sellers -- [--seeds 100000] [--seconds 600] [--from 0] [--workers 2]
npm run simulate:sellers -- --seed N    one schedule, with all that happens in it
  --system ${SYSTEMS.join('|')}   one of them only; without, they take turns
  --platform light|real   whose Response and streams; light is faster

It stops at the number of seeds or after the seconds, whichever comes first, and exits with 1 where
anything failed.
`

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '600' },
    from: { type: 'string', default: '0' },
    workers: { type: 'string', default: '2' },
    system: { type: 'string' },
    platform: { type: 'string', default: 'light' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(USAGE)
else await main()

async function main(): Promise<void> {
  readSystem(values.system)
  const from = Number(values.seed ?? values.from)
  const task: Task = {
    from,
    end: from + Number(values.seeds),
    step: 1,
    seconds: Number(values.seconds),
    most: 60,
    platform: values.platform === 'real' ? 'real' : 'light',
    profile: values.system,
  }
  const bundle = await bundleWorker(undefined, './sellers/worker.ts')
  try {
    if (values.seed !== undefined) {
      process.exitCode = (await runTraced(bundle.path, task)) ? 0 : 1
      return
    }
    const started = Date.now()
    const totals = await runWorkers(bundle.path, Number(values.workers), task)
    process.stdout.write(summary(totals, (Date.now() - started) / 1000, replayOf))
    process.exitCode = totals.ran > 0 && totals.failures.size === 0 ? 0 : 1
  } finally {
    await bundle.remove()
  }
}

function replayOf(seed: number): string {
  const system = values.system ? ` --system ${values.system}` : ''
  const platform = values.platform === 'real' ? ' --platform real' : ''
  return `npm run simulate:sellers -- --seed ${seed}${system}${platform}`
}
