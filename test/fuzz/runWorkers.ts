import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { BINS_PER_MS, type Failure, type Kind, type Report, type Task } from './Task'

/** What all workers came to. */
export type Totals = {
  readonly ran: number
  readonly outcomes: ReadonlyMap<string, number>
  readonly signatures: number
  readonly failures: readonly Failure[]
  /** How long a processor was busy with them. */
  readonly malformed: Times
  readonly honest: Times
  /** False where a worker broke down. */
  readonly whole: boolean
}

/** Of some inputs, in milliseconds. */
export type Times = { readonly inputs: number; readonly p50: number; readonly p99: number }

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Runs the input of one seed alone, which tells all about it; resolves to the exit code. */
export async function replay(seed: number, of: Kind = 'server'): Promise<number | null> {
  return withWorker((path) =>
    run(path, { of, from: seed, end: seed + 1, step: 1, tell: true }, () => undefined),
  )
}

/** Draws the inputs of `runs` seeds from `seed` on in `workers` processes. */
export async function runWorkers(
  seed: number,
  runs: number,
  workers: number,
  of: Kind = 'server',
): Promise<Totals> {
  const outcomes = new Map<string, number>()
  const failures: Failure[] = []
  const malformed: number[] = []
  const honest: number[] = []
  let ran = 0
  let signatures = 0
  const take = (report: Report) => {
    ran += report.ran
    signatures += report.signatures
    for (const [what, times] of Object.entries(report.outcomes)) {
      outcomes.set(what, (outcomes.get(what) ?? 0) + times)
    }
    failures.push(...report.failures)
    add(malformed, report.malformed)
    add(honest, report.honest)
  }
  return withWorker(async (path) => {
    const codes = await Promise.all(
      Array.from({ length: workers }, (_, share) =>
        run(path, { of, from: seed + share, end: seed + runs, step: workers }, take),
      ),
    )
    const whole = codes.every((code) => code === 0)
    const times = { malformed: timesOf(malformed), honest: timesOf(honest) }
    return { ran, outcomes, signatures, failures, ...times, whole }
  })
}

/** Lends the built worker to `use`. */
async function withWorker<T>(use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'arouter-fuzz-'))
  const path = join(folder, 'worker.mjs')
  try {
    await bundle(path)
    return await use(path)
  } finally {
    await rm(folder, { recursive: true })
  }
}

// One file: loaded faster than all the sources are, and what it imports late needs no time, so that the
// clock of the test need not wait for it.
async function bundle(path: string): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL('./worker.ts', import.meta.url))],
    tsconfig: join(root, 'tsconfig.base.json'),
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    // CommonJS packages ask for Node's modules by require.
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)`,
    },
  })
}

function run(path: string, task: Task, take: (report: Report) => void): Promise<number | null> {
  // The judging makes garbage too: room for it, so that few inputs wait for its collection.
  const execArgv = ['--max-semi-space-size=64']
  const worker = fork(path, [JSON.stringify(task)], { execArgv })
  worker.on('message', (message) => take(message as Report)) // sent by the worker's `work`
  return new Promise((resolve) => worker.on('exit', resolve))
}

function add(sums: number[], bins: readonly number[]): void {
  for (const [at, count] of bins.entries()) sums[at] = (sums[at] ?? 0) + count
}

function timesOf(bins: readonly number[]): Times {
  const inputs = bins.reduce((sum, count) => sum + count, 0)
  const quantile = (part: number) => {
    let seen = 0
    const at = bins.findIndex((count) => {
      seen += count
      return seen >= inputs * part
    })
    return (at + 1) / BINS_PER_MS
  }
  return { inputs, p50: quantile(0.5), p99: quantile(0.99) }
}
