import { describe, expect, test } from 'vitest'
import { deliver } from './deliver'

const bytes = (text: string) => new TextEncoder().encode(text)
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A response that its test feeds, and what became of it. */
function watched() {
  let feed: ReadableStreamDefaultController<Uint8Array> | undefined
  let cancelled: unknown
  let wholes = 0
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => {
      feed = controller
    },
    cancel: (reason) => {
      cancelled = reason
    },
  })
  const onWhole = async () => {
    wholes++
  }
  return {
    response: new Response(stream, { status: 201, statusText: 'Made', headers: { 'x-a': 'b' } }),
    onWhole,
    wholes: () => wholes,
    give: (text: string) => feed?.enqueue(bytes(text)),
    end: () => feed?.close(),
    cut: (cause: Error) => feed?.error(cause),
    cancelledBy: () => cancelled,
  }
}

describe('a paid answer', () => {
  test('is delivered as it came', async () => {
    const body = watched()
    Object.defineProperty(body.response, 'url', { value: 'https://gateway.example/v1' })
    const delivered = await deliver(body.response, body.onWhole)
    expect(delivered).toMatchObject({
      status: 201,
      statusText: 'Made',
      ok: true,
      url: 'https://gateway.example/v1',
    })
    expect(delivered.headers.get('x-a')).toBe('b')
    body.give('one ')
    body.give('two')
    body.end()
    expect(await delivered.text()).toBe('one two')
  })

  test('is whole before the caller sees its end, and not before it has come', async () => {
    const body = watched()
    const reader = (await deliver(body.response, body.onWhole)).body?.getReader()
    body.give('one')
    expect((await reader?.read())?.done).toBe(false)
    await turn()
    expect(body.wholes()).toBe(0)
    body.end()
    expect((await reader?.read())?.done).toBe(true)
    expect(body.wholes()).toBe(1)
  })

  test('reaches the caller piece by piece, not all at the end', async () => {
    const body = watched()
    const reader = (await deliver(body.response, body.onWhole)).body?.getReader()
    for (const piece of ['one', 'two', 'three']) {
      body.give(piece)
      expect(new TextDecoder().decode((await reader?.read())?.value)).toBe(piece)
    }
  })

  test('that is cut is never whole, and the caller hears of the cut', async () => {
    const body = watched()
    const delivered = await deliver(body.response, body.onWhole)
    body.give('one')
    const reading = delivered.text()
    await turn()
    const cause = new Error('socket hang up')
    body.cut(cause)
    await expect(reading).rejects.toBe(cause)
    expect(body.wholes()).toBe(0)
  })

  test('that is given up is never whole, and its source is given up too', async () => {
    const body = watched()
    const delivered = await deliver(body.response, body.onWhole)
    body.give('one')
    await delivered.body?.cancel('enough')
    await turn()
    expect(body.cancelledBy()).toBe('enough')
    expect(body.wholes()).toBe(0)
  })

  test('that nobody reads is not whole', async () => {
    const body = watched()
    await deliver(body.response, body.onWhole)
    body.give('one')
    body.give('two')
    body.end()
    await turn()
    expect(body.wholes()).toBe(0)
  })

  test('without a body is whole at once', async () => {
    const body = watched()
    const empty = new Response(null, { status: 204 })
    expect(await deliver(empty, body.onWhole)).toBe(empty)
    expect(body.wholes()).toBe(1)
  })

  test('that nobody reads and that is cut leaves nothing unhandled', async () => {
    const body = watched()
    await deliver(body.response, body.onWhole)
    body.cut(new Error('socket hang up'))
    await turn()
    expect(body.wholes()).toBe(0)
  })
})
