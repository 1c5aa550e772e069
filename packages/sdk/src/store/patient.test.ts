import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { patient } from './patient'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

/** Fails with each of `errors` in turn, then resolves to how often it was called. */
function failing(...errors: readonly Error[]) {
  let calls = 0
  return async () => {
    const error = errors[calls++]
    if (error) throw error
    return calls
  }
}

test('a lost connection, and a server that starts or fails over, are tried again', async () => {
  const work = failing(
    new Error('Socket closed unexpectedly'),
    new Error('LOADING Redis is loading the dataset in memory'),
    new Error("READONLY You can't write against a read only replica."),
  )
  const result = patient(5_000, work)
  await vi.runAllTimersAsync()
  expect(await result).toBe(4)
})

test('a refusal is not tried again', async () => {
  for (const error of [
    new Error('WRONGTYPE Operation against a key holding the wrong kind of value'),
    new Error("OOM command not allowed when used memory > 'maxmemory'."),
    new Error('NOAUTH Authentication required.'),
    new TypeError('not a client'),
  ]) {
    await expect(patient(5_000, failing(error))).rejects.toBe(error)
  }
})

test('no answer is waited for longer than the timeout', async () => {
  const result = patient(5_000, () => new Promise(() => {}))
  const failed = expect(result).rejects.toThrow('no answer within 5000 ms')
  await vi.advanceTimersByTimeAsync(5_000)
  await failed
  expect(vi.getTimerCount()).toBe(0)
})

test('what fails to the end fails with its last error, and is left alone from then on', async () => {
  let calls = 0
  const result = patient(5_000, async () => {
    throw new Error(`refused connection ${++calls}`)
  })
  const failed = result.catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(5_000)
  const made = calls
  expect(await failed).toMatchObject({ message: `refused connection ${made}` })
  await vi.runAllTimersAsync()
  expect(calls).toBe(made)
  expect(made).toBeGreaterThan(5)
})
