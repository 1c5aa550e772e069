import type { MockGateway } from '@arouter/mock-gateway'
import { ARouter, memoryStore, type WalletOptions, withX402SolanaPayment } from '@arouter/sdk'
import { Keypair } from '@solana/web3.js'
import { expect, test } from 'vitest'
import { failure, HELLO, startGateway } from '../support/harness'

function solanaWallet(gateway: MockGateway, options: WalletOptions = {}) {
  const signer = Keypair.generate()
  const store = memoryStore()
  // Each call is the same wallet in a new client, over the same store.
  const open = () =>
    withX402SolanaPayment(
      new ARouter({ baseURL: gateway.url, apiKey: '', maxRetries: 0 }),
      signer,
      undefined,
      { store, rpc: gateway.rpc, ...options },
    )
  return { open, address: signer.publicKey.toBase58() }
}

test('a lost answer is found on chain: used means paid', async () => {
  const gateway = await startGateway({ blockhashHint: false, signIn: 'off' })
  const { open } = solanaWallet(gateway)
  gateway.faults.next('drop-after-settle')
  expect(await failure(open().chatCompletion(HELLO))).toMatchObject({
    code: 'paid_but_failed',
    fundsMoved: 'yes',
  })
  expect(gateway.state.counts().payments).toBe(1)
})

test('a payment that expired unused is released, and the next call pays anew', async () => {
  const gateway = await startGateway({ blockhashHint: false })
  const { open } = solanaWallet(gateway)
  gateway.faults.next('drop-after-verify', { times: 50 })
  expect(await failure(open().chatCompletion(HELLO))).toMatchObject({ code: 'payment_unconfirmed' })
  gateway.faults.clear()
  await gateway.state.advance({ milliseconds: 400_000, blocks: 400 })
  const client = open()
  await client.chatCompletion(HELLO)
  expect(gateway.state.counts().payments).toBe(1)
  expect((await client.payments.list()).map(({ state }) => state).sort()).toEqual([
    'dead',
    'settled',
  ])
})

test('a lost answer on Solana is made good by signing in, with one payment', async () => {
  const gateway = await startGateway()
  const client = solanaWallet(gateway, { rpc: {} }).open()
  gateway.faults.next('drop-after-settle')
  await client.chatCompletion(HELLO)
  expect(gateway.state.counts().payments).toBe(1)
})

test('somebody else who submits the payment first does not make us pay twice', async () => {
  const gateway = await startGateway()
  const { open, address } = solanaWallet(gateway)
  const client = open()
  gateway.faults.next('third-party-settles')
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
    fundsMoved: expect.stringMatching(/maybe|yes/),
  })
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({ code: 'paid_but_failed' })
  expect(gateway.state.payments.filter(({ payer }) => payer === address)).toHaveLength(1)
})
