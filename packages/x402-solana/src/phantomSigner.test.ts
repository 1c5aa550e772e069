import { Keypair, Transaction } from '@solana/web3.js'
import { expect, test, vi } from 'vitest'
// @boundaries-ignore a test may use what all tests share
import { phantomDouble } from '../../../test/support/solanaWalletDoubles'
import { type PhantomProvider, phantomSigner } from './phantomSigner'
import type { PrepareContext, Terms } from './wallet'

const random58 = () => Keypair.generate().publicKey.toBase58()
const terms: Terms = {
  network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
  asset: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v',
  amount: 1_000_000n,
  payTo: random58(),
  extra: { feePayer: random58(), recentBlockhash: random58() },
}
const context: PrepareContext = { now: 1_800_000_000, validity: 60, rpc: [], fetch }

async function pay(provider: PhantomProvider) {
  const signer = await phantomSigner(provider)
  const prepared = await signer.prepare(terms, context)
  return prepared.sign()
}

test.each([0, 1, 2])('Phantom pays with one window, also with %i guards added', async (guards) => {
  const double = phantomDouble({ guards })
  const { payload } = await pay(double.provider)
  expect(payload.transaction).toEqual(expect.any(String))
  expect(double.windows).toEqual(['signTransaction'])
})

test('Phantom signs messages', async () => {
  const double = phantomDouble()
  const signer = await phantomSigner(double.provider)
  expect(await signer.signMessage('hello')).toHaveLength(88)
})

test('Phantom is asked to connect if it is not, unless it must not be asked', async () => {
  const double = phantomDouble({ connected: false })
  await expect(phantomSigner(double.provider, { connect: 'never' })).rejects.toMatchObject({
    code: 'wallet_locked',
  })
  expect(double.windows).toEqual([])
  await pay(double.provider)
  expect(double.windows).toEqual(['connect', 'signTransaction'])
})

test('an owner who declines is heard', async () => {
  const double = phantomDouble({
    onWindow: () => {
      throw Object.assign(new Error('User rejected the request.'), { code: 4001 })
    },
  })
  await expect(pay(double.provider)).rejects.toMatchObject({
    code: 'user_rejected',
    walletCode: 4001,
  })
})

test('an account that was switched gives no payment', async () => {
  const before = phantomDouble()
  const signer = await phantomSigner(before.provider)
  const prepared = await signer.prepare(terms, context)
  before.select(Keypair.generate())
  await expect(prepared.sign()).rejects.toMatchObject({ code: 'account_changed' })
  expect(before.windows).toEqual([])
  const during = phantomDouble({ onWindow: () => during.select(Keypair.generate()) })
  await expect(pay(during.provider)).rejects.toMatchObject({ code: 'account_changed' })
})

test('accounts are told to whoever watches, until they stop', async () => {
  const double = phantomDouble()
  const signer = await phantomSigner(double.provider)
  const other = Keypair.generate()
  const changes: unknown[] = []
  const stop = signer.watch((change) => changes.push(change))
  double.select(other)
  double.lock()
  stop()
  double.select(other)
  expect(changes).toEqual([{ accounts: [other.publicKey.toBase58()] }, { accounts: [] }])
  expect(double.listening()).toBe(0)
})

test.each([undefined, null, {}, new Transaction()])(
  'a wallet that returns %s gives no payment',
  async (answer) => {
    const { provider } = phantomDouble()
    const signTransaction = async () => answer
    const mute = { ...provider, publicKey: provider.publicKey, signTransaction }
    await expect(pay(mute)).rejects.toMatchObject({ name: 'WalletError' })
  },
)

test.each([[undefined], [{}], [{ connect() {} }]])('%j is no provider', async (value) => {
  const made = Reflect.apply(phantomSigner, undefined, [value])
  await expect(made).rejects.toMatchObject({ code: 'unsupported_signer' })
})

test('without web3.js the error says what to install', async () => {
  vi.doMock('@solana/web3.js', () => {
    throw new Error('not installed')
  })
  const { provider } = phantomDouble()
  await expect(phantomSigner(provider)).rejects.toMatchObject({
    code: 'unsupported_signer',
    message: expect.stringContaining('@solana/web3.js'),
  })
  vi.doUnmock('@solana/web3.js')
})
