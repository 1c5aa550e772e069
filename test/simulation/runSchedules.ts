import type { parseArgs } from 'node:util'
import { summary } from './summary'
import type { Task } from './Task'
import type { Way } from './Way'

/** The options that every command has which runs schedules. */
export const OPTIONS = {
  seeds: { type: 'string', default: '100000' },
  seconds: { type: 'string', default: '600' },
  from: { type: 'string', default: '0' },
  workers: { type: 'string', default: '2' },
  platform: { type: 'string', default: 'light' },
  most: { type: 'string', default: '60' },
  seed: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']

/** What is asked for on a command line. */
type Order = {
  readonly values: Values
  /** The one kind of schedule that is wanted. */
  readonly profile: string | undefined
  readonly way: Way
  /** The command, with the options of its own that say which schedule a seed is. */
  readonly command: string
}

/**
 * Runs what `read` finds on the command line. The process exits with 1 where anything failed, and with 2 after a
 * line that says what cannot be read: `read` throws a TypeError for that.
 */
export async function runSchedules(usage: string, read: () => Order): Promise<void> {
  const asked = readOrRefuse(read)
  if (!asked) return
  const { values, way, command, task, workers } = asked
  if (values.help) {
    process.stdout.write(usage)
    return
  }
  if (values.seed !== undefined) {
    process.exitCode = (await way.runOne(task)) ? 0 : 1
    return
  }
  const totals = await way.runAll(task, workers)
  const platform = task.platform === 'real' ? ' --platform real' : ''
  process.stdout.write(summary(totals, (seed) => `${command} --seed ${seed}${platform}`))
  process.exitCode = totals.ran > 0 && totals.failures.size === 0 ? 0 : 1
}

function readOrRefuse(read: () => Order) {
  try {
    const order = read()
    return { ...order, task: taskOf(order), workers: wholeNumber('workers', order.values.workers) }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    process.stderr.write(`${error.message}\nTry --help.\n`)
    process.exitCode = 2
    return undefined
  }
}

function taskOf({ values, profile }: Order): Task {
  const { seed, platform } = values
  if (platform !== 'light' && platform !== 'real')
    throw new TypeError(`--platform is light or real, not ${platform}`)
  const from = seed === undefined ? wholeNumber('from', values.from) : wholeNumber('seed', seed)
  return {
    from,
    end: from + wholeNumber('seeds', values.seeds),
    step: 1,
    seconds: wholeNumber('seconds', values.seconds),
    most: wholeNumber('most', values.most),
    platform,
    profile,
  }
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text)
  throw new TypeError(`--${option} is a whole number, not ${text}`)
}
