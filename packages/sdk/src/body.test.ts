import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
// @boundaries-ignore a test may use what all tests share
import { START, virtualRuntime } from '../../../test/support/virtualRuntime'
import { peek, readText } from './body'
import { ConnectionError, isARouterError, TimeoutError } from './errors'

const LIMITS = { idle: 1_000, most: 65_536 }

const bytes = (text: string) => new TextEncoder().encode(text)

/** A body that its test feeds piece by piece. */
function fed() {
  let cancelled = false
  let feed: ReadableStreamDefaultController<Uint8Array> | undefined
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => {
      feed = controller
    },
    cancel: () => {
      cancelled = true
    },
  })
  return {
    response: new Response(stream, { status: 402, headers: { 'x-a': 'b' } }),
    give: (text: string) => feed?.enqueue(bytes(text)),
    end: () => feed?.close(),
    breakOff: (cause: Error) => feed?.error(cause),
    wasCancelled: () => cancelled,
  }
}

const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => error,
  )

describe('a body', () => {
  test('is read as text however its bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme' }).filter((text) => !text.startsWith('\ufeff')),
        fc.array(fc.nat(50)),
        async (text, cuts) => {
          const whole = bytes(text)
          const pieces = new ReadableStream<Uint8Array>({
            start: (controller) => {
              let at = 0
              for (const cut of [...cuts, whole.length]) {
                controller.enqueue(whole.slice(at, at + cut))
                at += cut
              }
              controller.close()
            },
          })
          const runtime = virtualRuntime()
          expect(await readText(new Response(pieces), runtime, LIMITS)).toBe(text)
          expect(runtime.pending()).toBe(0)
        },
      ),
      { numRuns: 50 },
    )
  })

  test('that is not there is empty', async () => {
    expect(await readText(new Response(null), virtualRuntime(), LIMITS)).toBe('')
  })

  test('may be exactly as long as the bound, and not one byte longer', async () => {
    const read = (text: string) =>
      readText(new Response(text), virtualRuntime(), { ...LIMITS, most: 6 })
    expect(await read('€€')).toBe('€€')
    expect(isARouterError(await errorOf(read('€€!')), 'body_too_large')).toBe(true)
  })

  test('that never ends is given up at the bound', async () => {
    let pulled = 0
    let cancelled = false
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled += 1_024
        controller.enqueue(new Uint8Array(1_024))
      },
      cancel: () => {
        cancelled = true
      },
    })
    const reading = readText(new Response(endless), virtualRuntime(), LIMITS)
    expect(isARouterError(await errorOf(reading), 'body_too_large')).toBe(true)
    expect(cancelled).toBe(true)
    expect(pulled).toBeLessThan(65_536 + 8 * 1_024)
  })

  test('that stalls is given up after the idle time, counted from the last piece', async () => {
    const runtime = virtualRuntime()
    const body = fed()
    const reading = errorOf(readText(body.response, runtime, LIMITS))
    await runtime.advance(900)
    body.give('a')
    await runtime.advance(900)
    body.give('b')
    const error = await runtime.run(reading)
    expect(error).toBeInstanceOf(TimeoutError)
    expect(runtime.now()).toBe(START + 2_800)
    expect(body.wasCancelled()).toBe(true)
  })

  test('that drips is given up after the time for all of it', async () => {
    const runtime = virtualRuntime()
    const body = fed()
    const reading = errorOf(readText(body.response, runtime, { ...LIMITS, total: 3_000 }))
    for (let pieces = 0; pieces < 3; pieces++) {
      body.give('a')
      await runtime.advance(900)
    }
    body.give('a')
    const error = await runtime.run(reading)
    expect(error).toBeInstanceOf(TimeoutError)
    expect(runtime.now()).toBe(START + 3_000)
    expect(body.wasCancelled()).toBe(true)
    expect(runtime.pending()).toBe(0)
  })

  test('that breaks off is a failed connection', async () => {
    const body = fed()
    const reading = readText(body.response, virtualRuntime(), LIMITS)
    const cause = new Error('socket hang up')
    body.give('a')
    body.breakOff(cause)
    const error = await errorOf(reading)
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error).toMatchObject({ cause })
  })

  test('is given up when the caller goes', async () => {
    const runtime = virtualRuntime()
    const controller = new AbortController()
    const body = fed()
    const { signal } = controller
    const reading = errorOf(readText(body.response, runtime, { ...LIMITS, signal }))
    await runtime.settle()
    controller.abort()
    expect(isARouterError(await reading, 'aborted')).toBe(true)
    await runtime.settle()
    expect(body.wasCancelled()).toBe(true)
    expect(runtime.pending()).toBe(0)
  })

  test('whose reading fails says so, and that funds did not move', async () => {
    const runtime = virtualRuntime()
    const [stalled, broken] = [fed(), fed()]
    broken.breakOff(new Error('socket hang up'))
    const errors = await Promise.all([
      errorOf(readText(new Response('ab'), runtime, { ...LIMITS, most: 1 })),
      runtime.run(errorOf(readText(stalled.response, runtime, LIMITS))),
      errorOf(readText(broken.response, runtime, LIMITS)),
    ])
    expect(errors.map(String)).toMatchInlineSnapshot(`
      [
        "ARouterError: The answer is larger than 1 bytes. Funds moved: no.",
        "TimeoutError: The answer stalled for 1000ms. Funds moved: no.",
        "ConnectionError: The answer broke off. Funds moved: no.",
      ]
    `)
  })
})

describe('a refusal that was looked into', () => {
  test('still has its status, headers and body', async () => {
    const body = fed()
    body.give('{"a":1}')
    body.end()
    const { text, response } = await peek(body.response, virtualRuntime(), LIMITS)
    expect(text).toBe('{"a":1}')
    expect(response.status).toBe(402)
    expect(response.headers.get('x-a')).toBe('b')
    expect(await response.text()).toBe('{"a":1}')
  })

  test.each([
    ['too large', (body: ReturnType<typeof fed>) => body.give('x'.repeat(65))],
    ['broken', (body: ReturnType<typeof fed>) => body.breakOff(new Error('reset'))],
    ['late', () => undefined],
  ])('is empty where it is %s', async (_, spoil) => {
    const runtime = virtualRuntime()
    const body = fed()
    spoil(body)
    const looking = peek(body.response, runtime, { ...LIMITS, most: 64 })
    const { text, response } = await runtime.run(looking)
    expect(text).toBe('')
    expect(response.status).toBe(402)
  })

  test('is empty where it drips, after one idle time in all', async () => {
    const runtime = virtualRuntime()
    const body = fed()
    const looking = peek(body.response, runtime, LIMITS)
    body.give('{')
    await runtime.advance(600)
    body.give('}')
    expect((await runtime.run(looking)).text).toBe('')
    expect(runtime.now()).toBe(START + 1_000)
  })

  test('is not looked into any more once the caller has gone', async () => {
    const controller = new AbortController()
    const { signal } = controller
    const looking = errorOf(peek(fed().response, virtualRuntime(), { ...LIMITS, signal }))
    controller.abort()
    expect(isARouterError(await looking, 'aborted')).toBe(true)
  })
})
