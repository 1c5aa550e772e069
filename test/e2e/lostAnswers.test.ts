import type { FaultKind } from '@arouter/mock-gateway'
import { isARouterError, memoryStore } from '@arouter/sdk'
import { describe, expect, test } from 'vitest'
import { failure, HELLO, payingClient, startGateway } from '../support/harness'

const LOST: readonly FaultKind[] = [
  'drop-after-settle',
  'hang-after-settle',
  '5xx-after-settle',
  '429-after-settle',
  '402-after-settle',
  'truncate-body',
  'reset-body',
]

describe.each(['reject', 'idempotent'] as const)(
  'a gateway that %ss a used signature',
  (replay) => {
    test.each(LOST)(
      '%s: one order called up to three times is one payment, and is answered',
      async (kind) => {
        const gateway = await startGateway({ replay })
        const { client, signed } = payingClient(gateway, {}, { timeout: 3_000, maxRetries: 1 })
        const only = kind.endsWith('body') ? { carrying: 'payment' as const } : {}
        gateway.faults.next(kind, { times: 2, keeps: 'nothing', ...only })
        let answer: unknown
        for (let tries = 0; tries < 3 && !answer; tries++) {
          answer = await client.chatCompletion(HELLO).catch((error: unknown) => {
            if (!isARouterError(error)) throw error
            return undefined
          })
        }
        expect(answer).toMatchObject({ object: 'chat.completion' })
        expect(gateway.state.counts().payments).toBe(1)
        expect(signed.transfers).toBe(1)
      },
    )
  },
)

test('a lost answer without any way to know is held, and later calls do not pay', async () => {
  const gateway = await startGateway({ signIn: 'off' })
  const store = memoryStore()
  const { client, signed } = payingClient(gateway, { store }, { maxRetries: 0 })
  gateway.faults.next('drop-after-settle')
  const error = await failure(client.chatCompletion(HELLO))
  expect(error).toMatchObject({ code: 'payment_unconfirmed', fundsMoved: 'maybe' })
  const again = await failure(client.chatCompletion(HELLO))
  expect(again).toMatchObject({ code: 'payment_unconfirmed', fundsMoved: 'maybe' })
  expect(signed.transfers).toBe(1)
  const [status] = await client.budget.status()
  expect(status).toMatchObject({ reserved: 1_000_000n, spent: 0n })
})

test('the chain decides what the gateway does not say: used means paid', async () => {
  const gateway = await startGateway({ signIn: 'off' })
  const { client, signed } = payingClient(gateway, { rpc: gateway.rpc }, { maxRetries: 0 })
  gateway.faults.next('drop-after-settle')
  const error = await failure(client.chatCompletion(HELLO))
  expect(error).toMatchObject({ code: 'paid_but_failed', fundsMoved: 'yes' })
  expect(signed.transfers).toBe(1)
})

test('somebody else who submits the payment first does not make us pay twice', async () => {
  const gateway = await startGateway()
  const { client, signed } = payingClient(gateway, { rpc: gateway.rpc })
  gateway.faults.next('third-party-settles')
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
    fundsMoved: expect.stringMatching(/maybe|yes/),
  })
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({ code: 'paid_but_failed' })
  expect(signed.transfers).toBe(1)
})

test('a payment that expired unused is released, and the next call pays anew', async () => {
  const gateway = await startGateway()
  const { client, signed } = payingClient(gateway, { rpc: gateway.rpc }, { maxRetries: 0 })
  gateway.faults.next('drop-after-verify', { times: 50 })
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({ code: 'payment_unconfirmed' })
  gateway.faults.clear()
  await gateway.state.advance({ milliseconds: 200_000, blocks: 200 })
  await client.chatCompletion(HELLO)
  expect(signed.transfers).toBe(2)
  expect(gateway.state.counts().payments).toBe(1)
  expect((await client.payments.list()).map(({ state }) => state).sort()).toEqual([
    'dead',
    'settled',
  ])
  expect((await client.budget.status())[0]).toMatchObject({ reserved: 0n, spent: 1_000_000n })
})

test('a refused payment is one error, held until it is dead', async () => {
  const gateway = await startGateway({ balances: {} })
  const { client, signed, account } = payingClient(gateway, { rpc: gateway.rpc }, { maxRetries: 0 })
  const error = await failure(client.chatCompletion(HELLO))
  expect(error).toMatchObject({ code: 'payment_rejected', fundsMoved: 'maybe' })
  await failure(client.chatCompletion(HELLO))
  expect(signed.transfers).toBe(1)
  await gateway.state.setBalance('eip155:8453', account.address, '$10')
  await client.chatCompletion(HELLO)
  expect(signed.transfers).toBe(1)
  expect(gateway.state.counts().payments).toBe(1)
})

test('writing a payment off frees the need and keeps the money counted', async () => {
  const gateway = await startGateway({ signIn: 'off' })
  const { client, signed } = payingClient(gateway, {}, { maxRetries: 0 })
  gateway.faults.next('drop-after-settle')
  await failure(client.chatCompletion(HELLO))
  const [open] = await client.payments.list()
  if (!open) throw new Error('no open payment')
  await client.payments.writeOff(open.id)
  await client.chatCompletion(HELLO)
  expect(signed.transfers).toBe(2)
  expect((await client.budget.status())[0]?.spent).toBe(2_000_000n)
})
