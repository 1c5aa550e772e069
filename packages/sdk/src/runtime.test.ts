import { describe, expect, test } from 'vitest'
// @boundaries-ignore a test may use what all tests share
import { START, virtualRuntime } from '../../../test/support/virtualRuntime'
import { sleep, systemRuntime } from './runtime'

describe('a sleep', () => {
  test('ends after its time, and leaves no timer', async () => {
    const runtime = virtualRuntime()
    await runtime.run(sleep(runtime, 500, new AbortController().signal))
    expect(runtime.now()).toBe(START + 500)
    expect(runtime.pending()).toBe(0)
  })

  test('ends at once when its signal aborts, without an error', async () => {
    const runtime = virtualRuntime()
    const controller = new AbortController()
    const asleep = sleep(runtime, 500, controller.signal)
    await runtime.advance(100)
    controller.abort()
    await asleep
    expect(runtime.now()).toBe(START + 100)
    expect(runtime.pending()).toBe(0)
  })

  test('does not begin where its signal has aborted', async () => {
    const runtime = virtualRuntime()
    await sleep(runtime, 500, AbortSignal.abort())
    expect(runtime.pending()).toBe(0)
  })
})

describe('the system', () => {
  test('runs a timer once, unless it was cancelled', async () => {
    const { after } = systemRuntime(fetch)
    const ran: string[] = []
    const cancel = after(0, () => ran.push('cancelled'))
    await new Promise<void>((resolve) => {
      after(0, () => ran.push('first'))
      after(1, resolve)
      cancel()
    })
    expect(ran).toEqual(['first'])
  })

  test('sends by the fetch it was given', () => {
    const send: typeof fetch = async () => new Response()
    expect(systemRuntime(send).fetch).toBe(send)
  })
})
