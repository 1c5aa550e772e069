import type { Page } from 'playwright-core'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { browserScenes, chat, connect } from './harness'
import { coinbaseWallet, metaMask } from './wallets/evmWallet'
import { phantom } from './wallets/solanaWallet'
import type { WalletDouble } from './wallets/WalletDouble'

const play = browserScenes('dapp.ts')

const HOME = 1
const begin = (page: Page, content: string) => page.evaluate((text) => dapp.begin(text), content)
const ended = (page: Page) => page.evaluate(() => dapp.ended())
const books = (page: Page) => page.evaluate(() => dapp.books())
/** How many payments a wallet asked its owner to sign. */
const transfers = ({ owner }: WalletDouble) =>
  owner.prompts.filter((method) => /^(eth_signTypedData_v4|signTransaction)$/.test(method)).length
const newAccounts = () => [0, 1].map(() => privateKeyToAccount(generatePrivateKey()))
const declined = { name: 'WalletRejectedError', code: 'wallet_rejected', fundsMoved: 'no' }

for (const make of [metaMask, coinbaseWallet, phantom]) {
  const { name } = make().appearance

  test(`${name}: a payment that its owner declines moves nothing, and the next call asks again`, async () => {
    const wallet = make()
    const { gateway, page } = await play([wallet])
    await connect(page, gateway, wallet)
    wallet.owner.become('declines')
    expect(await chat(page, 'no')).toMatchObject({ ...declined, walletCode: 4001 })
    expect(gateway.state.counts().payments).toBe(0)
    expect(await books(page)).toMatchObject({ used: '0' })
    wallet.owner.become('agrees')
    expect(await chat(page, 'yes')).toEqual({ said: 'yes' })
    expect(gateway.state.counts().payments).toBe(1)
    expect(wallet.owner.prompts).toHaveLength(3)
  })

  test(`${name}: a connection that its owner declines is a typed error with its code`, async () => {
    const wallet = make()
    wallet.owner.become('declines')
    const { gateway, page } = await play([wallet])
    const outcome = await page.evaluate(([url, named]) => dapp.connect(url, named), [
      gateway.url,
      name,
    ] as const)
    expect(outcome).toMatchObject({ name: 'WalletError', code: 'user_rejected' })
    expect(wallet.owner.prompts).toHaveLength(1)
  })

  test(`${name}: an aborted call pays nothing, whatever its owner says later, and asks no more`, async () => {
    const wallet = make()
    const { gateway, page } = await play([wallet])
    await connect(page, gateway, wallet)
    wallet.owner.become('is away')
    await begin(page, 'never mind')
    await expect.poll(() => wallet.owner.prompts.length).toBe(2)
    await page.evaluate(() => dapp.abort())
    expect(await ended(page)).toMatchObject({ name: 'AbortError', fundsMoved: 'no' })
    wallet.owner.become('agrees')
    expect(await chat(page, 'again')).toEqual({ said: 'again' })
    expect(gateway.state.counts().payments).toBe(1)
    expect(wallet.owner.prompts).toHaveLength(3)
  })

  test(`${name}: a call that is aborted before the 402 comes makes no prompt appear`, async () => {
    const wallet = make()
    const { gateway, page } = await play([wallet])
    await connect(page, gateway, wallet)
    gateway.faults.next('hang-before')
    await begin(page, 'never mind')
    await expect.poll(() => gateway.state.counts().faults).toBe(1)
    await page.evaluate(() => dapp.abort())
    expect(await ended(page)).toMatchObject({ name: 'AbortError', fundsMoved: 'no' })
    await page.waitForTimeout(300)
    expect(wallet.owner.prompts).toHaveLength(1)
  })

  test(`${name}: two tabs that ask at once make one prompt and one payment`, async () => {
    const wallet = make()
    const { gateway, page, newTab } = await play([wallet])
    const tabs = [page, await newTab()]
    for (const tab of tabs) await connect(tab, gateway, wallet)
    wallet.owner.prompts.length = 0
    const answers = await Promise.all(tabs.map((tab, index) => chat(tab, `tab ${index}`)))
    expect(answers).toEqual([{ said: 'tab 0' }, { said: 'tab 1' }])
    expect(gateway.state.counts()).toMatchObject({ payments: 1, signIns: 0 })
    expect(wallet.owner.prompts).toHaveLength(1)
    for (const tab of tabs)
      expect(await books(tab)).toEqual({ states: ['settled'], used: '1000000' })
  })

  test(`${name}: a page reloaded between payment and answer does not pay again`, async () => {
    const wallet = make()
    const { gateway, page } = await play([wallet])
    await connect(page, gateway, wallet)
    gateway.faults.next('hang-after-settle')
    await begin(page, 'lost')
    await expect.poll(() => gateway.state.counts().payments).toBe(1)
    await page.reload()
    await connect(page, gateway, wallet)
    expect(await chat(page, 'found')).toEqual({ said: 'found' })
    expect(gateway.state.counts()).toMatchObject({ payments: 1 })
    expect(await books(page)).toMatchObject({ used: '1000000' })
    expect(transfers(wallet)).toBe(1)
  })
}

test('a page reloaded while the wallet asks pays once, by the prompt of the new page', async () => {
  const wallet = metaMask()
  const { gateway, page } = await play([wallet])
  await connect(page, gateway, wallet)
  wallet.owner.become('is away')
  await begin(page, 'lost')
  await expect.poll(() => wallet.owner.prompts.length).toBe(2)
  await page.reload()
  await connect(page, gateway, wallet)
  wallet.owner.become('agrees')
  expect(await chat(page, 'found')).toEqual({ said: 'found' })
  expect(gateway.state.counts()).toMatchObject({ payments: 1, signIns: 0 })
  expect(wallet.owner.prompts.slice(1)).toEqual(['eth_signTypedData_v4', 'eth_signTypedData_v4'])
})

test('an expired token is no reason to ask for a sign-in that a request does not need', async () => {
  const wallet = metaMask()
  const { gateway, page } = await play([wallet], { jwtTtl: 60 })
  await connect(page, gateway, wallet)
  await chat(page, 'hello')
  await gateway.state.advance({ milliseconds: 61_000 })
  await page.clock.setSystemTime(Date.now() + 61_000)
  await page.reload()
  await connect(page, gateway, wallet)
  expect(await page.evaluate(() => dapp.headers('/v1/models'))).toHaveProperty('date')
  expect(wallet.owner.prompts).toEqual(['eth_requestAccounts', 'eth_signTypedData_v4'])
  expect(await chat(page, 'again')).toEqual({ said: 'again' })
  expect(wallet.owner.prompts.slice(2)).toEqual(['personal_sign'])
  expect(gateway.state.counts()).toMatchObject({ payments: 1, signIns: 1 })
})

test('without a network nothing is asked and nothing moves, and later it works', async () => {
  const wallet = metaMask()
  const { gateway, context, page } = await play([wallet])
  await connect(page, gateway, wallet)
  await context.setOffline(true)
  expect(await chat(page, 'hello')).toMatchObject({ code: 'connection_error', fundsMoved: 'no' })
  expect(wallet.owner.prompts).toHaveLength(1)
  await context.setOffline(false)
  expect(await chat(page, 'hello')).toEqual({ said: 'hello' })
  expect(gateway.state.counts().payments).toBe(1)
})

test('a payment that the network swallows is sent again, not made again', async () => {
  const wallet = metaMask()
  const { gateway, page } = await play([wallet])
  await connect(page, gateway, wallet)
  await page.route(`${gateway.url}/**`, async (route) => {
    const isPaid = 'payment-signature' in route.request().headers()
    await (isPaid ? route.abort('internetdisconnected') : route.continue())
  })
  expect(await chat(page, 'hello')).toMatchObject({ fundsMoved: 'maybe' })
  expect(gateway.state.counts().payments).toBe(0)
  await page.unrouteAll()
  expect(await chat(page, 'hello')).toEqual({ said: 'hello' })
  expect(gateway.state.counts()).toMatchObject({ payments: 1, signIns: 0 })
  expect(wallet.owner.prompts.slice(1)).toEqual(['eth_signTypedData_v4'])
})

test('a locked wallet is asked to unlock, then to pay', async () => {
  const wallet = metaMask()
  const { gateway, page } = await play([wallet])
  await connect(page, gateway, wallet)
  wallet.lock()
  expect(await chat(page, 'hello')).toEqual({ said: 'hello' })
  expect(wallet.owner.prompts.slice(1)).toEqual(['eth_requestAccounts', 'eth_signTypedData_v4'])
  expect(gateway.state.counts().payments).toBe(1)
})

test('a wallet that stays locked is an error, and nothing moves', async () => {
  const wallet = metaMask()
  const { gateway, page } = await play([wallet])
  await connect(page, gateway, wallet)
  wallet.lock()
  wallet.owner.become('declines')
  expect(await chat(page, 'hello')).toMatchObject(declined)
  expect(wallet.owner.prompts.slice(1)).toEqual(['eth_requestAccounts'])
  expect(gateway.state.counts().payments).toBe(0)
})

test('MetaMask on another chain is asked to switch, then to pay', async () => {
  const wallet = metaMask({ chainId: HOME })
  const { gateway, page } = await play([wallet])
  await connect(page, gateway, wallet)
  expect(await chat(page, 'hello')).toEqual({ said: 'hello' })
  expect(wallet.owner.prompts.slice(1)).toEqual([
    'wallet_switchEthereumChain',
    'eth_signTypedData_v4',
  ])
  expect(gateway.state.counts().payments).toBe(1)
})

test('MetaMask that does not know Base is asked to add it', async () => {
  const wallet = metaMask({ chainId: HOME, knownChains: [HOME] })
  const { gateway, page } = await play([wallet])
  await connect(page, gateway, wallet)
  expect(await chat(page, 'hello')).toEqual({ said: 'hello' })
  expect(wallet.owner.prompts.slice(1)).toEqual(['wallet_addEthereumChain', 'eth_signTypedData_v4'])
})

test('an owner who declines to switch the chain is not asked to sign', async () => {
  const wallet = metaMask({ chainId: HOME })
  const { gateway, page } = await play([wallet])
  await connect(page, gateway, wallet)
  wallet.owner.become('declines')
  expect(await chat(page, 'hello')).toMatchObject(declined)
  expect(wallet.owner.prompts.slice(1)).toEqual(['wallet_switchEthereumChain'])
  expect(gateway.state.counts().payments).toBe(0)
})

test('a wallet that signs for any chain is not asked to switch', async () => {
  const wallet = coinbaseWallet({ chainId: HOME })
  const { gateway, page } = await play([wallet])
  await connect(page, gateway, wallet)
  expect(await chat(page, 'hello')).toEqual({ said: 'hello' })
  expect(wallet.owner.prompts.slice(1)).toEqual(['eth_signTypedData_v4'])
})

test.each([
  ['is no longer shown', 'alone'],
  ['may still be used', 'first'],
])(
  'an account that %s, but not selected, when its owner answers pays nothing',
  async (_, selected) => {
    const wallet = metaMask({ accounts: newAccounts() })
    const { gateway, page } = await play([wallet])
    const first = await connect(page, gateway, wallet)
    wallet.owner.become('is away')
    await begin(page, 'hello')
    await expect.poll(() => wallet.owner.prompts.length).toBe(2)
    wallet.select(...(selected === 'alone' ? wallet.keys.slice(1) : wallet.keys.toReversed()))
    wallet.owner.become('agrees')
    expect(await ended(page)).toMatchObject({ code: 'wallet_failed', fundsMoved: 'no' })
    expect(gateway.state.counts().payments).toBe(0)
    const second = await connect(page, gateway, wallet)
    expect(second).not.toBe(first)
    expect(await chat(page, 'hello')).toEqual({ said: 'hello' })
    expect(gateway.state.payments).toMatchObject([{ payer: second }])
  },
)
