import { setTimeout as sleep } from 'node:timers/promises'
import { type Wait, waits } from '../test/support/waits'
import { median } from './measure'

const ROUNDS = 10
const TIMEOUT_MS = 100
/** What an abort and a timeout may take. */
const LIMIT_MS = 50

/** Milliseconds from an abort to the end of a call that waits. */
async function abortOf({ start }: Wait): Promise<number> {
  const controller = new AbortController()
  const { call, begun, end } = await start({ signal: controller.signal })
  await begun
  await sleep(50)
  const aborted = performance.now()
  controller.abort()
  await call.catch(() => undefined)
  const milliseconds = performance.now() - aborted
  end()
  return milliseconds
}

/** Milliseconds that a call takes longer than its timeout, from when it waits. */
async function timeoutOf({ start }: Wait): Promise<number> {
  const { call, begun, end } = await start({ timeout: TIMEOUT_MS })
  await begun
  const started = performance.now()
  await call.catch(() => undefined)
  const milliseconds = performance.now() - started - TIMEOUT_MS
  end()
  return Math.max(0, milliseconds)
}

/** Prints how soon a call ends, whatever it waits for. Each first time is thrown away: it loads what it needs. */
export async function printAborts(): Promise<void> {
  const timed = Object.entries(waits).filter(([, { isTimed }]) => isTimed)
  for (const [what, subjects, measure] of [
    ['an abort', Object.entries(waits), abortOf],
    ['a timeout', timed, timeoutOf],
  ] as const) {
    console.log(`\nFrom ${what} to the end of the call, by what it waits for, ${ROUNDS} times each`)
    console.log(`${'ms'.padEnd(44)}${'median'.padStart(10)}${'max'.padStart(10)}`)
    for (const [name, wait] of subjects) {
      const all: number[] = []
      for (let round = 0; round <= ROUNDS; round++) all.push(await measure(wait))
      const [, ...samples] = all
      const most = Math.max(...samples)
      const numbers = [median(samples), most].map((ms) => ms.toFixed(1).padStart(10))
      const verdict = most > LIMIT_MS ? `  OVER ${LIMIT_MS} ms` : ''
      console.log(name.padEnd(44) + numbers.join('') + verdict)
    }
  }
}
