import type { Page } from 'playwright-core'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { browserScenes, type Scene } from './harness'
import type {} from './reactApp'
import { coinbaseWallet, metaMask } from './wallets/evmWallet'
import { phantom } from './wallets/solanaWallet'

const play = browserScenes('reactApp.tsx')

const shown = (page: Page) => page.evaluate(() => reactApp.shown())
const chat = (page: Page, content: string) => page.evaluate((text) => reactApp.chat(text), content)
const connect = (page: Page, name: string) => page.evaluate((to) => reactApp.connect(to), name)

async function mount({ gateway, page }: Pick<Scene, 'gateway' | 'page'>) {
  await page.evaluate((url) => reactApp.mount(url), gateway.url)
  await expect.poll(() => shown(page)).toMatchObject({ wallets: [expect.any(String)] })
}

test('useWallets finds wallets of both chains, once each, also those that come late', async () => {
  const { gateway, page } = await play([metaMask(), coinbaseWallet(), phantom()])
  await page.evaluate((url) => reactApp.mount(url), gateway.url)
  const names = ['MetaMask', 'Coinbase Wallet', 'Phantom']
  await expect.poll(() => shown(page)).toMatchObject({ wallets: names, status: 'disconnected' })
  await page.evaluate(() => {
    const info = { uuid: crypto.randomUUID(), name: 'Late', icon: '', rdns: 'example.late' }
    const detail = { info, provider: { request: async () => [] } }
    window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }))
  })
  await expect.poll(async () => (await shown(page)).wallets).toHaveLength(4)
})

for (const make of [metaMask, phantom]) {
  const { name } = make().appearance

  test(`${name}: connect, pay and disconnect, and payments and budget move as it happens`, async () => {
    const wallet = make()
    const scene = await play([wallet])
    const { gateway, page } = scene
    await mount(scene)
    expect(await chat(page, 'hello')).toBe('insufficient_credits')
    expect(await connect(page, name)).toBe(true)
    await expect
      .poll(() => shown(page))
      .toMatchObject({ status: 'connected', wallet: name, states: [], remaining: '20000000' })
    expect(await chat(page, 'hello')).toBe('hello')
    await expect
      .poll(() => shown(page))
      .toMatchObject({ states: ['settled'], remaining: '19000000' })
    expect((await shown(page)).address).toBe(gateway.state.payments[0]?.payer)
    await page.evaluate(() => reactApp.disconnect())
    await expect
      .poll(() => shown(page))
      .toMatchObject({ status: 'disconnected', states: [], remaining: undefined })
    expect(await chat(page, 'hello')).toBe('insufficient_credits')
    expect(wallet.owner.prompts).toHaveLength(2)
  })

  test(`${name}: after a reload the wallet is in use again without a prompt; after a disconnect it is not`, async () => {
    const wallet = make()
    const scene = await play([wallet])
    const { page } = scene
    await mount(scene)
    await connect(page, name)
    await chat(page, 'hello')
    await page.reload()
    await mount(scene)
    await expect
      .poll(() => shown(page))
      .toMatchObject({ status: 'connected', states: ['settled'], remaining: '19000000' })
    expect(await chat(page, 'again')).toBe('again')
    expect(wallet.owner.prompts).toHaveLength(2)
    await page.evaluate(() => reactApp.disconnect())
    await page.reload()
    await mount(scene)
    await page.waitForTimeout(200)
    expect(await shown(page)).toMatchObject({ status: 'disconnected' })
  })
}

test('a wallet whose owner declines is an error with its code, and the next attempt forgets it', async () => {
  const wallet = metaMask()
  const scene = await play([wallet])
  await mount(scene)
  wallet.owner.become('declines')
  expect(await connect(scene.page, 'MetaMask')).toBe(false)
  expect(await shown(scene.page)).toMatchObject({ status: 'disconnected', error: 'user_rejected' })
  wallet.owner.become('agrees')
  expect(await connect(scene.page, 'MetaMask')).toBe(true)
  expect(await shown(scene.page)).toMatchObject({ status: 'connected', error: undefined })
})

test('the last of two attempts to connect is the one that counts', async () => {
  const [slow, quick] = [metaMask(), coinbaseWallet()]
  const { gateway, page } = await play([slow, quick])
  await page.evaluate((url) => reactApp.mount(url), gateway.url)
  await expect.poll(async () => (await shown(page)).wallets).toHaveLength(2)
  slow.owner.become('is away')
  const first = connect(page, 'MetaMask')
  await expect.poll(() => slow.owner.prompts.length).toBe(1)
  expect(await shown(page)).toMatchObject({ status: 'connecting', wallet: 'MetaMask' })
  expect(await connect(page, 'Coinbase Wallet')).toBe(true)
  slow.owner.become('agrees')
  expect(await first).toBe(false)
  expect(await shown(page)).toMatchObject({ status: 'connected', wallet: 'Coinbase Wallet' })
})

test('another account selected in the wallet is followed, and a locked wallet is let go', async () => {
  const accounts = [0, 1].map(() => privateKeyToAccount(generatePrivateKey()))
  const [first, second] = accounts.map(({ address }) => address)
  const wallet = metaMask({ accounts })
  const scene = await play([wallet])
  const { gateway, page } = scene
  await mount(scene)
  await connect(page, 'MetaMask')
  expect(await shown(page)).toMatchObject({ address: first })
  wallet.select(...accounts.toReversed())
  await expect.poll(() => shown(page)).toMatchObject({ status: 'connected', address: second })
  expect(await chat(page, 'hello')).toBe('hello')
  expect(gateway.state.payments).toMatchObject([{ payer: second }])
  wallet.lock()
  await expect.poll(() => shown(page)).toMatchObject({ status: 'disconnected', states: [] })
  expect(wallet.owner.prompts).toEqual(['eth_requestAccounts', 'eth_signTypedData_v4'])
})

test('what another tab paid is seen when this one is looked at again', async () => {
  const wallet = metaMask()
  const scene = await play([wallet])
  const { gateway, page, newTab } = scene
  await mount(scene)
  await connect(page, 'MetaMask')
  const other = await newTab()
  await mount({ gateway, page: other })
  await connect(other, 'MetaMask')
  await chat(other, 'hello')
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
  await expect.poll(() => shown(page)).toMatchObject({ states: ['settled'] })
  expect(await chat(page, 'again')).toBe('again')
  expect(gateway.state.counts().payments).toBe(1)
})

test('a page rendered on a server is taken over without a difference', async () => {
  const { gateway, page } = await play([metaMask()])
  expect(await page.evaluate((url) => reactApp.hydrate(url), gateway.url)).toEqual([])
  await expect.poll(() => shown(page)).toMatchObject({ wallets: ['MetaMask'] })
})

test('nothing listens any more when the provider has gone', async () => {
  const accounts = [0, 1].map(() => privateKeyToAccount(generatePrivateKey()))
  const wallet = metaMask({ accounts })
  const scene = await play([wallet])
  const { page } = scene
  const session = await page.context().newCDPSession(page)
  const listening = async () => {
    const of = (target: string) => `Object.values(getEventListeners(${target})).flat().length`
    const expression = `${of('window')} + ${of('document')}`
    const options = { expression, includeCommandLineAPI: true }
    return (await session.send('Runtime.evaluate', options)).result.value
  }
  // React itself leaves a listener behind, the first time.
  await mount(scene)
  await page.evaluate(() => reactApp.unmount())
  const before = await listening()
  await mount(scene)
  await connect(page, 'MetaMask')
  expect(await listening()).toBeGreaterThan(before)
  await page.evaluate(() => reactApp.unmount())
  await expect.poll(listening).toBe(before)
  const { length } = wallet.calls
  wallet.select(...accounts.toReversed())
  await page.waitForTimeout(200)
  expect(wallet.calls).toHaveLength(length)
})
