import { type ChildProcess, spawn } from 'node:child_process'

/** How a counting process ended, and the values it said were stored. */
export type Counted = {
  readonly code: number | null
  readonly values: readonly number[]
  readonly errors: string
}

/** Runs `counter.ts`, built as `script`. `onValue` is told how many values came, each time one does. */
export function runCounter(
  script: string,
  args: readonly string[],
  onValue: (count: number, child: ChildProcess) => void = () => {},
): Promise<Counted> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let [output, errors, seen] = ['', '', 0]
    child.stdout.on('data', (chunk) => {
      output += chunk
      const count = output.split('\n').length - 1
      if (count > seen) onValue(count, child)
      seen = count
    })
    child.stderr.on('data', (chunk) => {
      errors += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => {
      const values = output.split('\n').slice(0, -1).map(Number)
      resolve({ code, values, errors })
    })
  })
}
