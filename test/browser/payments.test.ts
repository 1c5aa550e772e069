import { expect, test } from 'vitest'
import { coinbaseSmartWallet } from '../support/coinbaseSmartWallet'
import { browserScenes, chat, connect } from './harness'
import { coinbaseWallet, metaMask } from './wallets/evmWallet'
import { installWallets } from './wallets/installWallets'
import { phantom } from './wallets/solanaWallet'

const play = browserScenes('dapp.ts')

const BASE = 'eip155:8453'
const SOLANA = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'

const wallets = [
  { make: metaMask, network: BASE, connects: 'eth_requestAccounts', pays: 'eth_signTypedData_v4' },
  {
    make: coinbaseWallet,
    network: BASE,
    connects: 'eth_requestAccounts',
    pays: 'eth_signTypedData_v4',
  },
  { make: phantom, network: SOLANA, connects: 'connect', pays: 'signTransaction' },
] as const

for (const { make, network, connects, pays } of wallets) {
  test(`${make().appearance.name} pays with one prompt, and is not asked on warm calls`, async () => {
    const wallet = make()
    const { gateway, page } = await play([wallet])
    const address = await connect(page, gateway, wallet)
    expect(wallet.owner.prompts).toEqual([connects])

    expect(await chat(page, 'one')).toEqual({ said: 'one' })
    expect(await chat(page, 'two')).toEqual({ said: 'two' })
    expect(await page.evaluate(() => dapp.stream('three'))).toEqual({ said: 'three' })

    expect(wallet.owner.prompts).toEqual([connects, pays])
    expect(gateway.state.payments).toMatchObject([{ network, payer: address, amount: 1_000_000n }])
    expect(gateway.state.counts()).toMatchObject({ payments: 1, signIns: 0 })
    expect(await page.evaluate(() => dapp.books())).toEqual({
      states: ['settled'],
      used: '1000000',
    })
  })
}

test.each(['deployed', 'not deployed'])(
  'Coinbase Smart Wallet, %s, pays with one prompt by its contract (ERC-1271, ERC-6492)',
  async (state) => {
    const { gateway, context, newTab } = await play()
    const { account, deploy } = await coinbaseSmartWallet(gateway)
    if (state === 'deployed') deploy()
    const wallet = coinbaseWallet({ accounts: [account] })
    await installWallets(context, [wallet])
    const page = await newTab()
    await connect(page, gateway, wallet)
    expect(await chat(page, 'hello')).toEqual({ said: 'hello' })
    expect(wallet.owner.prompts).toEqual(['eth_requestAccounts', 'eth_signTypedData_v4'])
    expect(gateway.state.payments).toMatchObject([{ network: BASE, payer: account.address }])
  },
)

test('Phantom that adds guards of its own to a transaction pays with one prompt', async () => {
  const wallet = phantom({ guards: 2 })
  const { gateway, page } = await play([wallet])
  await connect(page, gateway, wallet)
  expect(await chat(page, 'hello')).toEqual({ said: 'hello' })
  expect(wallet.owner.prompts).toEqual(['connect', 'signTransaction'])
})

for (const [make, signsIn] of [
  [metaMask, 'personal_sign'],
  [phantom, 'signMessage'],
] as const) {
  test(`${make().appearance.name} signs in with one prompt when its token has expired, and pays nothing`, async () => {
    const wallet = make()
    const { gateway, page } = await play([wallet])
    await connect(page, gateway, wallet)
    await chat(page, 'one')
    gateway.state.expireTokens()
    wallet.owner.prompts.length = 0
    expect(await chat(page, 'two')).toEqual({ said: 'two' })
    expect(wallet.owner.prompts).toEqual([signsIn])
    expect(gateway.state.counts()).toMatchObject({ payments: 1, signIns: 1 })
  })
}
