import {
  ARouter,
  memoryStore,
  type WalletOptions,
  withX402EvmPayment,
  withX402Payment,
  withX402SolanaPayment,
} from '@arouter/sdk'
import { eip1193Signer } from '@arouter/x402-evm'
import { walletStandardSigner } from '@arouter/x402-solana'
import { phantomSigner } from '@arouter/x402-solana/phantom'
import { Keypair } from '@solana/web3.js'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { type Eip1193DoubleOptions, eip1193Double, providerError } from '../support/eip1193Double'
import { failure, HELLO, startGateway } from '../support/harness'
import {
  phantomDouble,
  type SolanaDoubleOptions,
  standardWalletDouble,
} from '../support/solanaWalletDoubles'

const bare = (url: string) => new ARouter({ baseURL: url, apiKey: '' })
const options = (): WalletOptions => ({ store: memoryStore(), signIn: 'never' })
const newKey = () => privateKeyToAccount(generatePrivateKey())

async function onBase(doubleOptions: Eip1193DoubleOptions = {}) {
  const gateway = await startGateway()
  const double = eip1193Double(doubleOptions)
  const wallet = await eip1193Signer(double.provider)
  return {
    gateway,
    double,
    wallet,
    client: withX402EvmPayment(bare(gateway.url), wallet, options()),
  }
}

async function onSolana(doubleOptions: SolanaDoubleOptions = {}) {
  const gateway = await startGateway()
  const double = standardWalletDouble(doubleOptions)
  const wallet = await walletStandardSigner(double.wallet)
  const client = withX402SolanaPayment(bare(gateway.url), wallet, undefined, options())
  return { gateway, double, wallet, client }
}

test('MetaMask pays with one window, and a warm call opens none', async () => {
  const { gateway, double, wallet, client } = await onBase()
  await client.chatCompletion(HELLO)
  await client.chatCompletion(HELLO)
  expect(double.windows).toEqual(['eth_signTypedData_v4'])
  expect(gateway.state.payments).toMatchObject([{ payer: wallet.address }])
})

test('MetaMask signs in, on whatever chain it is', async () => {
  const { gateway, double, wallet } = await onBase({ chainId: 1 })
  gateway.state.setCredit(wallet.address, '$1')
  const client = withX402EvmPayment(bare(gateway.url), wallet, { store: memoryStore() })
  await client.chatCompletion(HELLO)
  expect(double.windows).toEqual(['personal_sign'])
  expect(gateway.state.counts()).toMatchObject({ payments: 0, signIns: 1 })
})

test('MetaMask on another chain is switched, then pays', async () => {
  const { gateway, double, client } = await onBase({ chainId: 1, knownChains: [1] })
  await client.chatCompletion(HELLO)
  expect(double.windows).toEqual(['wallet_addEthereumChain', 'eth_signTypedData_v4'])
  expect(gateway.state.counts()).toMatchObject({ payments: 1 })
})

test.each([0, 1, 2])(
  'a Wallet Standard wallet that adds %i guards pays with one window',
  async (guards) => {
    const { gateway, double, wallet, client } = await onSolana({ guards })
    await client.chatCompletion(HELLO)
    await client.chatCompletion(HELLO)
    expect(double.windows).toEqual(['signTransaction'])
    expect(gateway.state.payments).toMatchObject([{ payer: wallet.address }])
  },
)

test.each([0, 2])('the injected Phantom that adds %i guards pays and signs in', async (guards) => {
  const gateway = await startGateway()
  const double = phantomDouble({ guards })
  const wallet = await phantomSigner(double.provider)
  const client = withX402SolanaPayment(bare(gateway.url), wallet, undefined, options())
  await client.chatCompletion(HELLO)
  const again = { store: memoryStore() }
  await withX402SolanaPayment(bare(gateway.url), wallet, undefined, again).chatCompletion(HELLO)
  expect(double.windows).toEqual(['signTransaction', 'signMessage'])
  expect(gateway.state.counts()).toMatchObject({ payments: 1, signIns: 1 })
})

test('MetaMask and Phantom at once: the one whose chain is taken is asked', async () => {
  const gateway = await startGateway({ networks: ['solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'] })
  const [evm, solana] = [eip1193Double(), standardWalletDouble()]
  const client = withX402Payment(bare(gateway.url), {
    evm: { signer: await eip1193Signer(evm.provider) },
    solana: { signer: await walletStandardSigner(solana.wallet) },
    ...options(),
  })
  await client.chatCompletion(HELLO)
  expect(evm.windows).toEqual([])
  expect(solana.windows).toEqual(['signTransaction'])
})

const kinds = { MetaMask: onBase, Phantom: onSolana }

for (const [name, open] of Object.entries(kinds)) {
  test(`${name}: an owner who declines pays nothing, and is asked again by the next call only`, async () => {
    let agrees = false
    const { gateway, double, client } = await open({
      onWindow: () => {
        if (!agrees) throw providerError(4001, 'User rejected the request.')
      },
    })
    expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
      name: 'WalletRejectedError',
      code: 'wallet_rejected',
      fundsMoved: 'no',
      context: { walletCode: 4001 },
    })
    expect(double.windows).toHaveLength(1)
    agrees = true
    await client.chatCompletion(HELLO)
    expect(gateway.state.counts()).toMatchObject({ payments: 1 })
  })

  test(`${name}: a failure is told with the wallet’s code`, async () => {
    for (const code of [4100, 4900, -32002, -32603]) {
      const { gateway, client } = await open({
        onWindow: () => {
          throw providerError(code, 'no')
        },
      })
      expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
        code: 'wallet_failed',
        fundsMoved: 'no',
        context: { walletCode: code },
      })
      expect(gateway.state.counts()).toMatchObject({ payments: 0 })
    }
  })

  test(`${name}: locked meanwhile, it is asked to unlock, and pays`, async () => {
    const { gateway, double, client } = await open()
    double.lock()
    await client.chatCompletion(HELLO)
    expect(double.windows).toHaveLength(2)
    expect(gateway.state.counts()).toMatchObject({ payments: 1 })
  })

  test(`${name}: a call that is aborted while the window is open pays nothing and opens no other`, async () => {
    const controller = new AbortController()
    let answer = () => {}
    const { gateway, double, client } = await open({
      onWindow: () => {
        controller.abort()
        return new Promise<void>((resolve) => {
          answer = resolve
        })
      },
    })
    const { signal } = controller
    const call = client.fetch('/v1/chat/completions', {
      method: 'POST',
      body: JSON.stringify(HELLO),
      signal,
    })
    expect(await failure(call)).toMatchObject({ code: 'aborted', fundsMoved: 'no' })
    answer()
    await new Promise((resolve) => setImmediate(resolve))
    expect(double.windows).toHaveLength(1)
    expect(gateway.state.counts()).toMatchObject({ payments: 0 })
  })
}

test('an account that is switched while the window is open gives a typed error, and nothing is sent', async () => {
  const [first, second] = [newKey(), newKey()]
  const evm = await onBase({
    accounts: [first, second],
    signsWith: () => second,
    onWindow: () => evm.double.select(second, first),
  })
  const solana = await onSolana({ onWindow: () => solana.double.select(Keypair.generate()) })
  for (const { gateway, client } of [evm, solana]) {
    expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
      code: 'wallet_failed',
      fundsMoved: 'no',
      context: { walletCode: 'account_changed' },
    })
    expect(gateway.state.requests.map(({ status }) => status)).toEqual([402])
  }
})
