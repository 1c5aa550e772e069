import { ARouter, memoryStore, withX402EvmPayment, withX402SolanaPayment } from '@arouter/sdk'
import { eip1193Signer } from '@arouter/x402-evm'
import { phantomSigner, walletStandardSigner } from '@arouter/x402-solana'
import { expect, test } from 'vitest'
import { eip1193Double } from '../support/eip1193Double'
import { HELLO, startGateway } from '../support/harness'
import { phantomDouble, standardWalletDouble } from '../support/solanaWalletDoubles'

const bare = (url: string) => new ARouter({ baseURL: url, apiKey: '' })
const options = () => ({ store: memoryStore(), signIn: 'never' }) as const

test('MetaMask pays with one window, and a warm call opens none', async () => {
  const gateway = await startGateway()
  const double = eip1193Double()
  const wallet = await eip1193Signer(double.provider)
  const client = withX402EvmPayment(bare(gateway.url), wallet, options())
  await client.chatCompletion(HELLO)
  await client.chatCompletion(HELLO)
  expect(double.windows).toEqual(['eth_signTypedData_v4'])
  expect(gateway.state.payments).toMatchObject([{ payer: double.keys[0]?.address }])
})

test('MetaMask signs in', async () => {
  const gateway = await startGateway()
  const double = eip1193Double({ chainId: 1 })
  const wallet = await eip1193Signer(double.provider)
  gateway.state.setCredit(wallet.address, '$1')
  await withX402EvmPayment(bare(gateway.url), wallet, { store: memoryStore() }).chatCompletion(
    HELLO,
  )
  expect(double.windows).toEqual(['personal_sign'])
  expect(gateway.state.counts()).toMatchObject({ payments: 0, signIns: 1 })
})

test.each([0, 1, 2])(
  'a Wallet Standard wallet that adds %i guards pays with one window',
  async (guards) => {
    const gateway = await startGateway()
    const double = standardWalletDouble({ guards })
    const wallet = await walletStandardSigner(double.wallet)
    const client = withX402SolanaPayment(bare(gateway.url), wallet, undefined, options())
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
