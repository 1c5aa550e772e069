import { afterEach, expect, test, vi } from 'vitest'
import { callRpc } from './callRpc'

const URL = 'https://rpc.example/access-key'
const MOST_BYTES = 1 * 1024 * 1024

afterEach(() => {
  vi.restoreAllMocks()
})

/** A body of `bytes` bytes in pieces, or one without end, and what became of it. */
function body(bytes: number) {
  const state = { given: 0, isCancelled: false }
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (state.given >= bytes) return controller.close()
      const piece = new Uint8Array(Math.min(65_536, bytes - state.given)).fill(0x20)
      if (state.given === 0) piece.set(new TextEncoder().encode('{"result":7}'))
      state.given += piece.length
      controller.enqueue(piece)
    },
    cancel: () => {
      state.isCancelled = true
    },
  })
  return { state, response: new Response(stream) }
}

const call = (answer: () => Promise<Response>) => callRpc(URL, 'm', [], { fetch: answer })

test('an answer may be as long as the bound', async () => {
  expect(await call(async () => body(MOST_BYTES).response)).toBe(7)
})

test('a longer answer is an error, and the rest of it is not read', async () => {
  const { state, response } = body(Number.POSITIVE_INFINITY)
  await expect(call(async () => response)).rejects.toMatchObject({ code: 'rpc_failed' })
  expect(state.isCancelled).toBe(true)
  expect(state.given).toBeLessThan(MOST_BYTES + 8 * 65_536)
})

test('an answer that takes too long is an error without the URL', async () => {
  const patience = new AbortController()
  vi.spyOn(AbortSignal, 'timeout').mockReturnValue(patience.signal)
  const silent = vi.fn<typeof fetch>(
    (_, init) =>
      new Promise((_, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
      }),
  )
  const asked = callRpc(URL, 'm', [], { fetch: silent })
  patience.abort(new Error('late'))
  await expect(asked).rejects.toMatchObject({
    code: 'rpc_failed',
    message: expect.not.stringContaining('access-key'),
  })
  expect(AbortSignal.timeout).toHaveBeenCalledWith(10_000)
})

test.each([
  ['no JSON', '<html>'],
  ['no result', '{"error":{"code":-32000}}'],
  ['a scalar', '7'],
  ['null', 'null'],
  ['nothing', ''],
  ['nested too deeply', `{"result":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
])('an answer that is %s is an error', async (_, text) => {
  await expect(call(async () => new Response(text))).rejects.toMatchObject({ code: 'rpc_failed' })
})
