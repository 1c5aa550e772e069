import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileStore } from '@arouter/sdk/node'
import { expect, onTestFinished, test } from 'vitest'
import { failure, HELLO, payingClient, startGateway } from '../support/harness'

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'arouter-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return join(path, 'store')
}

test('a store that is kept vouches that a wallet is new: two round trips, one signature', async () => {
  const store = fileStore(await folder())
  const gateway = await startGateway()
  const { client, signed } = payingClient(gateway, { store })
  await client.chatCompletion(HELLO)
  expect(gateway.state.requests.map(({ status }) => status)).toEqual([402, 200])
  expect(signed).toEqual({ transfers: 1, messages: 0 })
})

test('a restart on a store that is kept goes on with its token: one round trip, no signature', async () => {
  const path = await folder()
  const gateway = await startGateway()
  const { restart, signed } = payingClient(gateway, { store: fileStore(path) })
  await restart().chatCompletion(HELLO)
  for (let i = 0; i < 10; i++) await restart({ store: fileStore(path) }).chatCompletion(HELLO)
  expect(gateway.state.requests).toHaveLength(12)
  expect(signed).toEqual({ transfers: 1, messages: 0 })
})

test('a lost answer is recovered by the next process, without a second payment', async () => {
  const path = await folder()
  const gateway = await startGateway()
  const { restart, signed } = payingClient(gateway, { store: fileStore(path) }, { maxRetries: 0 })
  gateway.faults.next('drop-after-settle')
  gateway.faults.next('auth-5xx', { times: 20 })
  gateway.faults.next('reset-before', { times: 20, carrying: 'nothing', skip: 1, path: '/v1/chat' })
  await failure(restart().chatCompletion(HELLO))
  gateway.faults.clear()
  await restart({ store: fileStore(path) }).chatCompletion(HELLO)
  expect(signed.transfers).toBe(1)
  expect(gateway.state.counts().payments).toBe(1)
})

test('two clients on one store, cold at once, make one payment', async () => {
  const path = await folder()
  const gateway = await startGateway()
  const { restart, signed } = payingClient(gateway, {})
  const clients = [1, 2, 3, 4].map(() => restart({ store: fileStore(path) }))
  await Promise.all(clients.map((client) => client.chatCompletion(HELLO)))
  expect(signed.transfers).toBe(1)
  expect(gateway.state.counts().payments).toBe(1)
})

test('a warm call writes nothing to the store', async () => {
  const store = fileStore(await folder())
  const gateway = await startGateway()
  let writes = 0
  const counted = {
    ...store,
    update: (...parameters: Parameters<typeof store.update>) => {
      writes += 1
      return store.update(...parameters)
    },
  }
  const { client } = payingClient(gateway, { store: counted })
  await client.chatCompletion(HELLO)
  writes = 0
  for (let i = 0; i < 5; i++) await client.chatCompletion(HELLO)
  expect(writes).toBe(0)
})

test('a folder that is no store is an error that names it, and nothing is signed', async () => {
  const path = await folder()
  const gateway = await startGateway()
  const { client, signed } = payingClient(gateway, { store: fileStore(path) })
  await client.payments.list()
  await writeFile(join(path, 'format'), 'something else')
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
    code: 'store_unreadable',
    fundsMoved: 'no',
  })
  expect(signed).toEqual({ transfers: 0, messages: 0 })
})
