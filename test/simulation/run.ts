import { parseArgs } from 'node:util'
import { bundleWorker } from './bundle'
import { PROFILES, planOf } from './plan'
import { runTraced, runWorkers } from './runWorkers'
import { summary } from './summary'
import { readProfile, type Task } from './Task'

const USAGE = `Runs the payment engine through seeded schedules of everything that can go wrong.

npm run simulate -- [--seeds 100000] [--seconds 600] [--from 0] [--workers 2]
npm run simulate -- --seed N       one schedule, with all that happens in it
  --profile ${PROFILES.join('|')}   one kind of schedule only
  --platform light|real   whose Response and streams; light is faster
  --most 60               seconds that one schedule may take
  --sockets               in real time against the mock gateway on a socket: fewer seeds, real signatures

It stops at the number of seeds or after the seconds, whichever comes first, and exits with 1 where
anything failed.
`

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '600' },
    from: { type: 'string', default: '0' },
    workers: { type: 'string', default: '2' },
    profile: { type: 'string' },
    platform: { type: 'string', default: 'light' },
    most: { type: 'string', default: '60' },
    seed: { type: 'string' },
    sockets: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(USAGE)
else await main()

async function main(): Promise<void> {
  readProfile(values.profile)
  const from = number('from', values.seed ?? values.from)
  const task: Task = {
    from,
    end: from + number('seeds', values.seeds),
    step: 1,
    seconds: number('seconds', values.seconds),
    most: number('most', values.most),
    platform: values.platform === 'real' ? 'real' : 'light',
    profile: values.profile,
  }
  if (values.sockets) return overSockets(task)
  const bundle = await bundleWorker()
  try {
    if (values.seed !== undefined) {
      process.exitCode = (await runTraced(bundle.path, task)) ? 0 : 1
      return
    }
    const started = Date.now()
    const totals = await runWorkers(bundle.path, number('workers', values.workers), task)
    process.stdout.write(summary(totals, (Date.now() - started) / 1000, replayOf))
    process.exitCode = totals.ran > 0 && totals.failures.size === 0 ? 0 : 1
  } finally {
    await bundle.remove()
  }
}

async function overSockets(task: Task): Promise<void> {
  if (values.seed !== undefined) {
    const { runOverSockets } = await import('./runOverSockets')
    const print = (line: string) => process.stdout.write(`${line}\n`)
    const { violations } = await runOverSockets(planOf(task.from, readProfile(task.profile)), print)
    for (const { kind, detail } of violations) print(`${kind}: ${detail}`)
    print(`${violations.length} violations`)
    process.exitCode = violations.length === 0 ? 0 : 1
    return
  }
  const { runSockets } = await import('./runSockets')
  const started = Date.now()
  const totals = await runSockets(task)
  process.stdout.write(summary(totals, (Date.now() - started) / 1000, replayOf))
  process.exitCode = totals.ran > 0 && totals.failures.size === 0 ? 0 : 1
}

function number(option: string, text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text)
  throw new TypeError(`--${option} is a whole number, not ${text}`)
}

function replayOf(seed: number): string {
  const profile = values.profile ? ` --profile ${values.profile}` : ''
  const platform = values.platform === 'real' ? ' --platform real' : ''
  const sockets = values.sockets ? ' --sockets' : ''
  return `npm run simulate -- --seed ${seed}${profile}${platform}${sockets}`
}
