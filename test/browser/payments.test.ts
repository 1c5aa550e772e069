import { expect, test } from 'vitest'
import { browserScenes, chat, connect } from './harness'
import { coinbaseWallet, metaMask } from './wallets/evmWallet'
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
