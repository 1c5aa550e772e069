import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { StreamBounds } from './chunks'
import { eventParser } from './eventParser'
import { readItems } from './readItems'
import { SseError } from './SseError'

const readEvents = (body: ReadableStream<Uint8Array>, bounds: StreamBounds) =>
  readItems(body, bounds, eventParser(bounds))

/** A body whose other side is in the hands of the test. */
function controlledBody() {
  const cancelled = vi.fn()
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given
    },
    cancel: cancelled,
  })
  const send = (text: string) => controller?.enqueue(new TextEncoder().encode(text))
  return {
    body,
    cancelled,
    send,
    end: () => controller?.close(),
    fail: (cause: unknown) => controller?.error(cause),
  }
}

const outcome = (promise: Promise<unknown>) =>
  promise.then(
    (value) => value,
    (error: unknown) =>
      error instanceof SseError ? error : new Error('not an SseError', { cause: error }),
  )

const idleTimeout = 1_000

describe('readEvents', () => {
  test('yields each event as soon as its empty line has come', async () => {
    const { body, send, end, cancelled } = controlledBody()
    const events = readEvents(body, { idleTimeout })
    send('data: a\n')
    const first = events.next()
    send('\ndata: b\n\ndata: lost')
    expect(await first).toMatchObject({ value: { data: 'a' } })
    expect(await events.next()).toMatchObject({ value: { data: 'b' } })
    end()
    expect(await events.next()).toEqual({ done: true, value: undefined })
    expect(cancelled).not.toHaveBeenCalled()
  })

  test('leaving the loop closes the connection', async () => {
    const { body, send, cancelled } = controlledBody()
    send('data: a\n\ndata: b\n\n')
    for await (const { data } of readEvents(body, { idleTimeout })) {
      expect(data).toBe('a')
      break
    }
    expect(cancelled).toHaveBeenCalledOnce()
  })

  test('an error thrown in the loop closes the connection and reaches the caller as it is', async () => {
    const { body, send, cancelled } = controlledBody()
    send('data: a\n\n')
    const own = new Error('mine')
    const loop = async () => {
      for await (const _ of readEvents(body, { idleTimeout })) throw own
    }
    await expect(loop()).rejects.toBe(own)
    expect(cancelled).toHaveBeenCalledOnce()
  })

  test('a connection that breaks is a reset with its cause', async () => {
    const { body, send, fail } = controlledBody()
    const events = readEvents(body, { idleTimeout })
    send('data: a\n\n')
    await events.next()
    const cause = new TypeError('terminated')
    fail(cause)
    expect(await outcome(events.next())).toMatchObject({ reason: 'reset', cause })
  })

  test('a line without end closes the connection', async () => {
    const { body, send, cancelled } = controlledBody()
    send('data: 123456')
    const events = readEvents(body, { idleTimeout, maxLine: 10 })
    expect(await outcome(events.next())).toMatchObject({ reason: 'too_long' })
    expect(cancelled).toHaveBeenCalledOnce()
  })

  test('a body that refuses to be cancelled changes nothing', async () => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode('data: a\n\n')),
      cancel: () => Promise.reject(new Error('no')),
    })
    for await (const { data } of readEvents(body, { idleTimeout })) {
      expect(data).toBe('a')
      break
    }
  })
})

describe('an abort', () => {
  test('ends a wait at once, with its reason, and closes the connection', async () => {
    const { body, cancelled } = controlledBody()
    const controller = new AbortController()
    const waiting = outcome(readEvents(body, { idleTimeout, signal: controller.signal }).next())
    const reason = new Error('enough')
    controller.abort(reason)
    expect(await waiting).toMatchObject({ reason: 'aborted', cause: reason })
    expect(cancelled).toHaveBeenCalledOnce()
  })

  test('holds back events that have come but were not yet read', async () => {
    const { body, send } = controlledBody()
    const controller = new AbortController()
    const events = readEvents(body, { idleTimeout, signal: controller.signal })
    send('data: a\n\ndata: b\n\n')
    await events.next()
    controller.abort()
    expect(await outcome(events.next())).toMatchObject({ reason: 'aborted' })
  })

  test('before the first read closes the connection', async () => {
    const { body, send, cancelled } = controlledBody()
    send('data: a\n\n')
    const events = readEvents(body, { idleTimeout, signal: AbortSignal.abort() })
    expect(await outcome(events.next())).toMatchObject({ reason: 'aborted' })
    expect(cancelled).toHaveBeenCalledOnce()
  })

  test('that breaks the connection itself is an abort, not a reset', async () => {
    const { body, fail } = controlledBody()
    const controller = new AbortController()
    const waiting = outcome(readEvents(body, { idleTimeout, signal: controller.signal }).next())
    controller.signal.addEventListener('abort', () => fail(controller.signal.reason))
    controller.abort()
    expect(await waiting).toMatchObject({ reason: 'aborted' })
  })

  test('after the end has no effect and leaves no listener behind', async () => {
    const { body, end } = controlledBody()
    const controller = new AbortController()
    const removed = vi.spyOn(controller.signal, 'removeEventListener')
    end()
    const events = readEvents(body, { idleTimeout, signal: controller.signal })
    expect(await events.next()).toEqual({ done: true, value: undefined })
    expect(removed).toHaveBeenCalledOnce()
  })
})

describe('a silent connection', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('is closed as stalled after the idle timeout', async () => {
    const { body, cancelled } = controlledBody()
    const waiting = outcome(readEvents(body, { idleTimeout }).next())
    await vi.advanceTimersByTimeAsync(idleTimeout - 1)
    expect(cancelled).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(await waiting).toMatchObject({ reason: 'stalled' })
    expect(cancelled).toHaveBeenCalledOnce()
  })

  test('is not stalled as long as any bytes come in time', async () => {
    const { body, send, cancelled } = controlledBody()
    const waiting = outcome(readEvents(body, { idleTimeout }).next())
    for (let pings = 0; pings < 5; pings++) {
      await vi.advanceTimersByTimeAsync(idleTimeout - 1)
      send(': ping\n')
    }
    expect(cancelled).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(idleTimeout)
    expect(await waiting).toMatchObject({ reason: 'stalled' })
  })

  test('is judged only while the caller waits: a slow reader is not a stall', async () => {
    const { body, send } = controlledBody()
    const events = readEvents(body, { idleTimeout })
    send('data: a\n\n')
    await events.next()
    await vi.advanceTimersByTimeAsync(10 * idleTimeout)
    send('data: b\n\n')
    expect(await events.next()).toMatchObject({ value: { data: 'b' } })
    const waiting = outcome(events.next())
    await vi.advanceTimersByTimeAsync(idleTimeout)
    expect(await waiting).toMatchObject({ reason: 'stalled' })
  })

  test('no timer is left when the events end, or when the caller stops reading', async () => {
    const left = controlledBody()
    const events = readEvents(left.body, { idleTimeout })
    left.send('data: a\n\n')
    await events.next()
    await vi.advanceTimersByTimeAsync(idleTimeout)
    expect(vi.getTimerCount()).toBe(0)
    await events.return()
    expect(vi.getTimerCount()).toBe(0)
  })
})
