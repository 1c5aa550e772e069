import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { jsonChunks } from './chunks'
import { SseError } from './SseError'

type Chunk = { readonly n: number }

const bounds = { idleTimeout: 1_000 }

function bodyOf(pieces: readonly (string | Uint8Array)[], cancelled = () => undefined) {
  let index = 0
  return new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const piece = pieces[index++]
      if (piece === undefined) return controller.close()
      controller.enqueue(typeof piece === 'string' ? new TextEncoder().encode(piece) : piece)
    },
    cancel: cancelled,
  })
}

async function collect(body: ReadableStream<Uint8Array>) {
  const chunks: Chunk[] = []
  try {
    for await (const chunk of jsonChunks<Chunk>(body, bounds)) chunks.push(chunk)
  } catch (error) {
    if (!(error instanceof SseError)) throw error
    return { chunks, reason: error.reason, detail: error.detail }
  }
  return { chunks }
}

describe('jsonChunks', () => {
  test('yields the JSON of each event and ends at [DONE]', async () => {
    const stream =
      'data: {"n":1}\n\n: ping\n\ndata:{"n":\ndata: 2}\n\ndata: [DONE]\n\ndata: {"n":3}\n\n'
    expect(await collect(bodyOf([stream]))).toEqual({ chunks: [{ n: 1 }, { n: 2 }] })
  })

  test('skips an event without data', async () => {
    const stream = 'event: ping\ndata:\n\ndata: {"n":1}\n\ndata: [DONE]\n\n'
    expect(await collect(bodyOf([stream]))).toEqual({ chunks: [{ n: 1 }] })
  })

  test('a stream without [DONE] is truncated, even where the last chunk is whole', async () => {
    for (const last of [
      '',
      'data: {"n":2}\n\n',
      'data: {"n":2}',
      'data: [DONE]',
      'data: [DONE]\n',
    ]) {
      const { chunks, reason } = await collect(bodyOf(['data: {"n":1}\n\n', last]))
      expect(reason).toBe('truncated')
      expect(chunks[0]).toEqual({ n: 1 })
    }
    expect(await collect(bodyOf([]))).toMatchObject({ chunks: [], reason: 'truncated' })
  })

  test('an error in the stream is thrown with what the gateway said, after the chunks before it', async () => {
    const error = { message: 'overloaded', type: 'server_error' }
    const whole = { error, choices: [{ finish_reason: 'error' }] }
    expect(await collect(bodyOf([`data: {"n":1}\n\ndata: ${JSON.stringify(whole)}\n\n`]))).toEqual({
      chunks: [{ n: 1 }],
      reason: 'error_event',
      detail: error,
    })
  })

  test('an event of type error is an error whatever its data', async () => {
    const detailOf = async (data: string) => {
      const result = await collect(bodyOf([`event: error\ndata: ${data}\n\n`]))
      expect(result.reason).toBe('error_event')
      return result.detail
    }
    expect(await detailOf('{"error":{"message":"a"}}')).toEqual({ message: 'a' })
    expect(await detailOf('{"message":"b"}')).toEqual({ message: 'b' })
    expect(await detailOf('upstream died')).toBe('upstream died')
    expect(await detailOf('17')).toBe(17)
  })

  test('a member named error that holds nothing is no error', async () => {
    const stream = 'data: {"n":1,"error":null}\n\ndata: [DONE]\n\n'
    expect(await collect(bodyOf([stream]))).toEqual({ chunks: [{ n: 1, error: null }] })
  })

  test('data that is no JSON object is malformed', async () => {
    for (const data of ['{"n":', 'hello', '17', 'null', '[]', '"[DONE]"', '{"n":1}x']) {
      expect(await collect(bodyOf([`data: ${data}\n\ndata: [DONE]\n\n`]))).toMatchObject({
        chunks: [],
        reason: 'malformed_json',
      })
    }
  })

  test('a fault closes the connection', async () => {
    const cancelled = vi.fn()
    await collect(bodyOf(['data: nonsense\n\n', 'data: {"n":1}\n\n'], cancelled))
    expect(cancelled).toHaveBeenCalledOnce()
  })

  test('after [DONE] the body is read to its end, so that the connection can be used again', async () => {
    const cancelled = vi.fn()
    const closed = vi.fn()
    const pieces = ['data: {"n":1}\n\ndata: [DONE]\n\n', '\n', ': bye\n\n']
    const body = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          const piece = pieces.shift()
          if (piece !== undefined) return controller.enqueue(new TextEncoder().encode(piece))
          closed()
          controller.close()
        },
        cancel: cancelled,
      },
      { highWaterMark: 0 },
    )
    expect(await collect(body)).toEqual({ chunks: [{ n: 1 }] })
    await vi.waitFor(() => expect(closed).toHaveBeenCalledOnce())
    expect(cancelled).not.toHaveBeenCalled()
  })

  test('a gateway that does not end after [DONE] is not waited for, and is cut off', async () => {
    const endless = vi.fn()
    const forever = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => controller.enqueue(new TextEncoder().encode('data: [DONE]\n\n')),
        cancel: endless,
      },
      { highWaterMark: 0 },
    )
    expect(await collect(forever)).toEqual({ chunks: [] })
    await vi.waitFor(() => expect(endless).toHaveBeenCalledOnce())

    vi.useFakeTimers()
    const silent = vi.fn()
    const open = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode('data: [DONE]\n\n')),
      cancel: silent,
    })
    expect(await collect(open)).toEqual({ chunks: [] })
    expect(silent).not.toHaveBeenCalled()
    await vi.runAllTimersAsync()
    expect(silent).toHaveBeenCalledOnce()
    vi.useRealTimers()
  })

  test('any objects, cut anywhere, come out as they went in', async () => {
    const objects = fc.array(
      fc.dictionary(
        fc.string().filter((key) => key !== 'error' && key !== '__proto__'),
        fc.jsonValue(),
      ),
      { maxLength: 6 },
    )
    await fc.assert(
      fc.asyncProperty(
        objects,
        fc.array(fc.nat({ max: 400 }), { maxLength: 8 }),
        async (values, points) => {
          const stream = `${values.map((value) => `data: ${JSON.stringify(value)}\n\n`).join('')}data: [DONE]\n\n`
          const bytes = new TextEncoder().encode(stream)
          const cuts = [0, ...points.filter((point) => point < bytes.length).sort((a, b) => a - b)]
          const pieces = cuts.map((from, index) =>
            bytes.slice(from, cuts[index + 1] ?? bytes.length),
          )
          const { chunks, reason } = await collect(bodyOf(pieces))
          expect(reason).toBeUndefined()
          expect(JSON.stringify(chunks)).toBe(JSON.stringify(values))
        },
      ),
      { numRuns: 300 },
    )
  })
})
