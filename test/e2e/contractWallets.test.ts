import { ARouter, memoryStore, withX402EvmPayment } from '@arouter/sdk'
import { eip1193Signer } from '@arouter/x402-evm'
import { verify } from '@arouter/x402-evm/verify'
import { createPublicClient, http, isErc6492Signature } from 'viem'
import { toCoinbaseSmartAccount } from 'viem/account-abstraction'
import { mainnet } from 'viem/chains'
import { expect, test } from 'vitest'
import { coinbaseSmartWallet } from '../support/coinbaseSmartWallet'
import { eip1193Double } from '../support/eip1193Double'
import { failure, HELLO, startGateway } from '../support/harness'

const BASE = 'eip155:8453'
const bare = (url: string) => new ARouter({ baseURL: url, apiKey: '' })

test('a Coinbase Smart Wallet pays and signs in before it is deployed, and after (ERC-6492, ERC-1271)', async () => {
  const gateway = await startGateway()
  const { account, client } = await coinbaseSmartWallet(gateway)
  expect(isErc6492Signature(await account.signMessage({ message: 'hello' }))).toBe(true)
  const paying = withX402EvmPayment(bare(gateway.url), account, { store: memoryStore() })
  await paying.chatCompletion(HELLO)
  await paying.chatCompletion(HELLO)
  expect(gateway.state.payments).toMatchObject([{ payer: account.address, amount: 1_000_000n }])
  expect(gateway.state.counts()).toMatchObject({ signIns: 1 })

  // The facilitator has deployed it.
  expect(await client.getCode({ address: account.address })).toBe('0x01')
  expect(isErc6492Signature(await account.signMessage({ message: 'hello' }))).toBe(false)
  const again = withX402EvmPayment(bare(gateway.url), account, { store: memoryStore() })
  gateway.state.setCredit(account.address, '$0')
  await again.chatCompletion(HELLO)
  expect(gateway.state.counts()).toMatchObject({ payments: 2, signIns: 2 })
})

test.each(['deployed', 'not deployed'])(
  'a smart wallet of the browser, %s, pays with one window',
  async (state) => {
    const gateway = await startGateway()
    const { account, deploy } = await coinbaseSmartWallet(gateway, '1')
    if (state === 'deployed') deploy()
    const double = eip1193Double({ accounts: [account] })
    const wallet = await eip1193Signer(double.provider, { verify })
    const options = { store: memoryStore(), signIn: 'never' } as const
    await withX402EvmPayment(bare(gateway.url), wallet, options).chatCompletion(HELLO)
    expect(double.windows).toEqual(['eth_signTypedData_v4'])
    expect(gateway.state.payments).toMatchObject([{ payer: account.address }])
  },
)

test('a smart wallet on another chain, whose signature would not hold, is switched and asked again', async () => {
  const gateway = await startGateway()
  const { account, owner } = await coinbaseSmartWallet(gateway)
  const elsewhere = await toCoinbaseSmartAccount({
    client: createPublicClient({ chain: mainnet, transport: http(gateway.rpc[BASE]) }),
    owners: [owner],
    version: '1.1',
    address: account.address,
  })
  const double = eip1193Double({
    accounts: [account],
    chainId: 1,
    minds: 'nothing',
    signsWith: () => (double.windows.includes('wallet_switchEthereumChain') ? account : elsewhere),
  })
  const wallet = await eip1193Signer(double.provider)
  await withX402EvmPayment(bare(gateway.url), wallet, { store: memoryStore() }).chatCompletion(
    HELLO,
  )
  expect(double.windows).toEqual([
    'personal_sign',
    'wallet_switchEthereumChain',
    'personal_sign',
    'eth_signTypedData_v4',
  ])
  expect(gateway.state.counts()).toMatchObject({ payments: 1, signIns: 1 })
})

test('a smart wallet whose owner is somebody else buys nothing, deployed or not', async () => {
  const gateway = await startGateway()
  const { account, deploy } = await coinbaseSmartWallet(gateway)
  const { account: thief } = await coinbaseSmartWallet(gateway)
  const forged = {
    address: account.address,
    signTypedData: (typedData: Parameters<typeof thief.signTypedData>[0]) =>
      thief.signTypedData(typedData),
    signMessage: (message: Parameters<typeof thief.signMessage>[0]) => thief.signMessage(message),
  }
  for (const change of [() => undefined, deploy]) {
    change()
    const client = withX402EvmPayment(bare(gateway.url), forged, { store: memoryStore() })
    expect(await failure(client.chatCompletion(HELLO))).toMatchObject({ code: 'payment_rejected' })
  }
  expect(gateway.state.counts()).toMatchObject({ payments: 0, signIns: 0 })
  expect(await gateway.state.balanceOf(BASE, account.address)).toBe(
    await gateway.state.balanceOf(BASE, thief.address),
  )
})

test.each([-3600, 3600])(
  'a smart wallet pays a gateway whose clock is %i s off',
  async (seconds) => {
    const gateway = await startGateway()
    await gateway.state.advance({ milliseconds: seconds * 1000 })
    const { account, deploy } = await coinbaseSmartWallet(gateway)
    const pay = () =>
      withX402EvmPayment(bare(gateway.url), account, {
        store: memoryStore(),
        signIn: 'never',
      }).chatCompletion(HELLO)
    await pay()
    deploy()
    gateway.state.setCredit(account.address, '$0')
    await pay()
    expect(gateway.state.counts()).toMatchObject({ payments: 2 })
  },
)
