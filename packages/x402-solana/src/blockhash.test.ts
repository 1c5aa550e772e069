import { afterEach, expect, test, vi } from 'vitest'
import { blockhashSource } from './blockhash'
import { startRpcDouble } from './rpcDouble'

const answer = {
  context: { slot: 100 },
  value: { blockhash: 'GgBaCs3NCBuZN12kCJgAW63ydqohFkHEdfdEXBPzLHq', lastValidBlockHeight: 250 },
}
const blockhash = { ...answer.value, slot: 100 }
const fresh = () => startRpcDouble({ getLatestBlockhash: () => answer })

afterEach(() => {
  vi.useRealTimers()
})

test('any number of callers at once ask the server once, for a confirmed blockhash', async () => {
  const server = await fresh()
  const recent = blockhashSource()
  const context = { rpc: [server.url], fetch }
  const all = await Promise.all(Array.from({ length: 50 }, () => recent(context)))
  expect(all).toEqual(Array.from({ length: 50 }, () => blockhash))
  expect(await recent(context)).toEqual(blockhash)
  expect(server.calls).toEqual([
    { method: 'getLatestBlockhash', params: [{ commitment: 'confirmed' }] },
  ])
})

test('after 20 seconds, or when the clock jumps back, the server is asked again', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 })
  const server = await fresh()
  const recent = blockhashSource()
  const context = { rpc: [server.url], fetch }
  await recent(context)
  vi.setSystemTime(1_019_999)
  await recent(context)
  expect(server.calls).toHaveLength(1)
  vi.setSystemTime(1_020_000)
  await recent(context)
  expect(server.calls).toHaveLength(2)
  vi.setSystemTime(0)
  await recent(context)
  expect(server.calls).toHaveLength(3)
})

test('the next server is asked when one fails, and a failure is not kept', async () => {
  let isDown = true
  const flaky = await startRpcDouble({
    getLatestBlockhash: () => {
      if (isDown) throw new Error('down')
      return answer
    },
  })
  const other = await fresh()
  const recent = blockhashSource()
  expect(await recent({ rpc: [flaky.url, other.url], fetch })).toEqual(blockhash)
  await expect(recent({ rpc: [flaky.url], fetch })).rejects.toMatchObject({ code: 'rpc_failed' })
  isDown = false
  expect(await recent({ rpc: [flaky.url], fetch })).toEqual(blockhash)
})

test('without servers there is no blockhash, and no error', async () => {
  expect(await blockhashSource()({ rpc: [], fetch })).toBeUndefined()
})

test('one caller who gives up does not end it for the others', async () => {
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const server = await fresh()
  const slow: typeof fetch = async (...request) => {
    await held
    return fetch(...request)
  }
  const recent = blockhashSource()
  const controller = new AbortController()
  const impatient = recent({ rpc: [server.url], fetch: slow, signal: controller.signal })
  const patient = recent({ rpc: [server.url], fetch: slow })
  controller.abort(new Error('gave up'))
  await expect(impatient).rejects.toThrow('gave up')
  release()
  expect(await patient).toEqual(blockhash)
})

test.each([
  ['no object', 'GgBaCs3NCBuZN12kCJgAW63ydqohFkHEdfdEXBPzLHq'],
  ['no slot', { ...answer, context: {} }],
  ['a blockhash that is none', { ...answer, value: { ...answer.value, blockhash: 'x' } }],
  ['a negative height', { ...answer, value: { ...answer.value, lastValidBlockHeight: -1 } }],
  ['a height as text', { ...answer, value: { ...answer.value, lastValidBlockHeight: '250' } }],
])('a server that answers %s has failed', async (_, malformed) => {
  const server = await startRpcDouble({ getLatestBlockhash: () => malformed })
  await expect(blockhashSource()({ rpc: [server.url], fetch })).rejects.toMatchObject({
    code: 'rpc_failed',
  })
})

test('an error about a server does not tell its URL, which may hold an access key', async () => {
  const server = await startRpcDouble('<html>')
  const failure = blockhashSource()({ rpc: [`${server.url}/canary`], fetch })
  await expect(failure).rejects.toThrow('The RPC server gave no result for getLatestBlockhash.')
})
