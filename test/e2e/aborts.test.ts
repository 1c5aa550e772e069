import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { failure } from '../support/harness'
import { type Wait, waits } from '../support/waits'

/** For what is still on its way when a call has ended to arrive. */
const AFTERWARDS_MS = 60

async function begun(wait: Wait, options: Parameters<Wait['start']>[0]) {
  const waiting = await wait.start(options)
  onTestFinished(waiting.end)
  await waiting.begun
  return waiting
}

test.each(Object.entries(waits))(
  'an abort wins over %s, and nothing is signed or sent after it',
  async (_, wait) => {
    const controller = new AbortController()
    const waiting = await begun(wait, { signal: controller.signal })
    await sleep(AFTERWARDS_MS)
    const [asked, carried] = [waiting.asked(), waiting.carried()]
    controller.abort()
    // Nobody lets go before the call has ended.
    expect(await failure(waiting.call)).toMatchObject({ name: 'AbortError', code: 'aborted' })
    waiting.letGo()
    await sleep(AFTERWARDS_MS)
    expect(waiting.asked()).toBe(asked)
    if (!wait.isOfAnother) expect(waiting.carried()).toBe(carried)
  },
)

test.each(Object.entries(waits).filter(([, { isTimed }]) => isTimed))(
  'a timeout wins over %s, and nothing is signed after it',
  async (_, wait) => {
    const waiting = await begun(wait, { timeout: 150 })
    const asked = waiting.asked()
    expect(await failure(waiting.call)).toMatchObject({ name: expect.stringMatching(/Error$/) })
    waiting.letGo()
    await sleep(AFTERWARDS_MS)
    expect(waiting.asked()).toBe(asked)
  },
)
