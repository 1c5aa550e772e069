import { Keypair } from '@solana/web3.js'
import type { Wallet as StandardBaseWallet } from '@wallet-standard/base'
import { expect, test } from 'vitest'
// @boundaries-ignore a test may use what all tests share
import { standardWalletDouble } from '../../../test/support/solanaWalletDoubles'
import { ed25519Verify } from './ed25519'
import type { PrepareContext, Terms } from './wallet'
import { type StandardWallet, walletStandardSigner } from './walletStandardSigner'

const random58 = () => Keypair.generate().publicKey.toBase58()
const terms: Terms = {
  network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
  asset: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v',
  amount: 1_000_000n,
  payTo: random58(),
  extra: { feePayer: random58(), recentBlockhash: random58() },
}
const context: PrepareContext = { now: 1_800_000_000, validity: 60, rpc: [], fetch }
const coded = (code: number) => Object.assign(new Error('no'), { code })

async function pay(wallet: StandardWallet, signal?: AbortSignal, its = terms) {
  const signer = await walletStandardSigner(wallet)
  const prepared = await signer.prepare(its, { ...context, signal })
  return prepared.sign()
}

test('a connected wallet is used without a window, and pays with one', async () => {
  const double = standardWalletDouble()
  const signer = await walletStandardSigner(double.wallet)
  expect(signer).toMatchObject({
    address: double.keys[0]?.publicKey.toBase58(),
    interactive: true,
  })
  expect(double.windows).toEqual([])
  await pay(double.wallet)
  expect(double.windows).toEqual(['signTransaction'])
})

test('a wallet that is not connected is asked to, once; one that must not be asked, never', async () => {
  const double = standardWalletDouble({ connected: false })
  const silent = walletStandardSigner(double.wallet, { connect: 'never' })
  await expect(silent).rejects.toMatchObject({ code: 'wallet_locked' })
  expect(double.windows).toEqual([])
  await pay(double.wallet)
  expect(double.windows).toEqual(['connect', 'signTransaction'])
})

test('a wallet that was locked meanwhile is asked to unlock, since the payment needs it', async () => {
  const double = standardWalletDouble()
  const signer = await walletStandardSigner(double.wallet)
  const prepared = await signer.prepare(terms, context)
  double.lock()
  await prepared.sign()
  expect(double.windows).toEqual(['connect', 'signTransaction'])
})

test('an account of the wallet can be handed in; a foreign one is an error', async () => {
  const keys = [Keypair.generate(), Keypair.generate()]
  const double = standardWalletDouble({ keys })
  const [, second] = double.wallet.accounts
  const signer = await walletStandardSigner(double.wallet, second)
  expect(signer.address).toBe(keys[1]?.publicKey.toBase58())
  await expect(walletStandardSigner(double.wallet, { address: random58() })).rejects.toMatchObject({
    code: 'account_changed',
  })
})

test('the wallet is told which chain the transaction is for', async () => {
  const double = standardWalletDouble()
  await pay(double.wallet)
  await pay(double.wallet, undefined, {
    ...terms,
    network: 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
    asset: '4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU',
  })
  expect(double.chains).toEqual(['solana:mainnet', 'solana:devnet'])
})

test.each([0, 1, 2])('a wallet that adds %i guards of Lighthouse is believed', async (guards) => {
  const double = standardWalletDouble({ guards })
  const { payload } = await pay(double.wallet)
  expect(payload.transaction).toEqual(expect.any(String))
})

test('a message is signed as raw bytes', async () => {
  const double = standardWalletDouble()
  const signer = await walletStandardSigner(double.wallet)
  const signature = Uint8Array.from(Buffer.from(await signer.signMessage('žluť'), 'base64'))
  const key = double.keys[0]?.publicKey.toBytes() ?? new Uint8Array()
  expect(await ed25519Verify(signature, new TextEncoder().encode('žluť'), key)).toBe(true)
})

test.each([
  [4001, 'user_rejected'],
  [4100, 'unauthorized'],
  [4900, 'disconnected'],
  [-32002, 'request_pending'],
  [-32603, 'signer_failed'],
])('the wallet’s code %i becomes the error %s, and keeps its code', async (walletCode, code) => {
  const cause = coded(walletCode)
  const double = standardWalletDouble({
    onWindow: () => {
      throw cause
    },
  })
  await expect(pay(double.wallet)).rejects.toMatchObject({ code, walletCode, cause })
})

test('an account that is gone before the window opens opens none', async () => {
  const double = standardWalletDouble()
  const signer = await walletStandardSigner(double.wallet)
  const prepared = await signer.prepare(terms, context)
  double.select(Keypair.generate())
  await expect(prepared.sign()).rejects.toMatchObject({ code: 'account_changed' })
  expect(double.windows).toEqual([])
})

test('an account that goes away while the window is open gives no payment', async () => {
  for (const answer of [undefined, new Error('invalid account')]) {
    const double = standardWalletDouble({
      onWindow: () => {
        double.select(Keypair.generate())
        if (answer) throw answer
      },
    })
    await expect(pay(double.wallet)).rejects.toMatchObject({ code: 'account_changed' })
  }
})

test('what another key signed is no payment', async () => {
  const { wallet } = standardWalletDouble()
  const other = standardWalletDouble()
  const swapped = {
    ...wallet,
    accounts: wallet.accounts,
    features: {
      ...wallet.features,
      'solana:signTransaction': {
        ...wallet.features['solana:signTransaction'],
        signTransaction: (input: { transaction: Uint8Array; chain: string }) =>
          other.wallet.features['solana:signTransaction'].signTransaction({
            ...input,
            account: { address: other.keys[0]?.publicKey.toBase58() ?? '' },
          }),
      },
    },
  }
  await expect(pay(swapped)).rejects.toMatchObject({ name: 'WalletError' })
})

test('after an abort no window opens', async () => {
  const double = standardWalletDouble()
  const controller = new AbortController()
  const signer = await walletStandardSigner(double.wallet)
  const prepared = await signer.prepare(terms, { ...context, signal: controller.signal })
  const signing = prepared.sign()
  controller.abort(new Error('stopped'))
  await expect(signing).rejects.toThrow('stopped')
  await expect(signer.signMessage('hello', controller.signal)).rejects.toThrow('stopped')
  expect(double.windows).toEqual([])
})

test('an abort between two windows leaves the second closed', async () => {
  const controller = new AbortController()
  const double = standardWalletDouble({
    onWindow: () => controller.abort(new Error('stopped')),
  })
  const signer = await walletStandardSigner(double.wallet)
  const prepared = await signer.prepare(terms, { ...context, signal: controller.signal })
  double.lock()
  await expect(prepared.sign()).rejects.toThrow('stopped')
  expect(double.windows).toEqual(['connect'])
})

test('accounts are told to whoever watches, until they stop', async () => {
  const double = standardWalletDouble()
  const signer = await walletStandardSigner(double.wallet)
  const other = Keypair.generate()
  const changes: unknown[] = []
  const stop = signer.watch((change) => changes.push(change))
  double.select(other)
  double.lock()
  stop()
  double.select(other)
  expect(changes).toEqual([{ accounts: [other.publicKey.toBase58()] }, { accounts: [] }])
  expect(double.listeners.size).toBe(0)
})

test('a wallet without messages can pay, and says that it cannot sign in', async () => {
  const { wallet } = standardWalletDouble()
  const { 'solana:signMessage': _, ...features } = wallet.features
  const signer = await walletStandardSigner({ ...wallet, accounts: wallet.accounts, features })
  await expect(signer.signMessage('hello')).rejects.toMatchObject({ code: 'unsupported_signer' })
})

test('a wallet that answers without bytes gives no payment', async () => {
  const { wallet } = standardWalletDouble()
  for (const answer of [undefined, [], [{}], [{ signedTransaction: 'x' }]]) {
    const feature = {
      ...wallet.features['solana:signTransaction'],
      signTransaction: async () => answer,
    }
    const features = { ...wallet.features, 'solana:signTransaction': feature }
    const mute = { ...wallet, accounts: wallet.accounts, features }
    await expect(pay(mute)).rejects.toMatchObject({ code: 'bad_signature' })
  }
})

test('a wallet that signs no version 0 transactions is none for this', async () => {
  const { wallet } = standardWalletDouble()
  const signing = wallet.features['solana:signTransaction']
  const legacy = { ...signing, supportedTransactionVersions: ['legacy'] }
  const features = { ...wallet.features, 'solana:signTransaction': legacy }
  for (const value of [undefined, {}, { ...wallet, features }, { ...wallet, features: {} }]) {
    const made = Reflect.apply(walletStandardSigner, undefined, [value])
    await expect(made).rejects.toMatchObject({ code: 'unsupported_signer' })
  }
})

test('the wallet type of the standard fits', () => {
  const take = (wallet: StandardBaseWallet): StandardWallet => wallet
  expect(take).toBeTypeOf('function')
})
