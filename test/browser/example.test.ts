import type { Page } from 'playwright-core'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { type App, serveApp } from '../../examples/browser/serve'
import { startChromium } from '../store/chromium'
import * as evm from './wallets/evmWallet'
import { installWallets } from './wallets/installWallets'
import { phantom } from './wallets/solanaWallet'
import type { WalletDouble } from './wallets/WalletDouble'

// A browser is slow to start on a busy machine, and so is the first load of the app.
vi.setConfig({ testTimeout: 120_000 })

// The app is on test networks.
const metaMask = (options: Parameters<typeof evm.metaMask>[0] = {}) =>
  evm.metaMask({ chainId: 84_532, ...options })
const coinbaseWallet = () => evm.coinbaseWallet({ chainId: 84_532 })

const PHONE = { width: 390, height: 760 }
let browser: Awaited<ReturnType<typeof startChromium>>
let app: App

beforeAll(async () => {
  app = await serveApp(0)
  browser = await startChromium()
})
afterAll(async () => {
  await browser?.close()
  await app?.close()
})

/** A phone with these wallets, on the app; what goes wrong in the page fails the test. */
async function open(wallets: readonly WalletDouble[] = []) {
  await app.gateway.state.reset()
  const context = await browser.newContext({ viewport: PHONE })
  const errors: Error[] = []
  await installWallets(context, wallets)
  const page = await context.newPage()
  page.on('pageerror', (error) => errors.push(error))
  onTestFinished(async () => {
    await context.close()
    expect(errors).toEqual([])
  })
  await page.goto(app.url)
  return page
}

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })
const complete = (page: Page) => page.getByText('The answer is complete.')

async function ask(page: Page, question: string) {
  await page.getByRole('textbox', { name: 'Your question' }).fill(question)
  await page.keyboard.press('Enter')
}

for (const make of [metaMask, coinbaseWallet, phantom]) {
  const { name } = make().appearance

  test(`${name}: the price is shown first, then one prompt pays, and books and answer follow`, async () => {
    const wallet = make()
    const page = await open([wallet])
    await button(page, name).click()
    await ask(page, 'hello')
    const dialog = page.getByRole('dialog', { name: 'Pay $1.00?' })
    await dialog.getByText('$4.00 after this').waitFor()
    expect(wallet.owner.prompts).toHaveLength(1)
    await dialog.getByRole('button', { name: 'Pay $1.00' }).click()
    await complete(page).waitFor({ state: 'attached' })
    expect(await page.getByRole('log').innerText()).toMatch(/read \d+ tokens/)
    await page.getByText('$1.00 of $5.00 today').waitFor()
    await page.getByText('Payments 1').click()
    await page.getByText('Paid', { exact: true }).waitFor()

    await ask(page, 'more')
    await expect
      .poll(() => page.getByText(/read \d+ tokens and has nothing to add/).count())
      .toBe(2)
    expect(wallet.owner.prompts.filter((prompt) => /sign/.test(prompt))).toHaveLength(1)
    expect(app.gateway.state.counts()).toMatchObject({ payments: 1, signIns: 0 })
  })
}

test('the demo wallet is labelled as a double, and needs no extension', async () => {
  const page = await open()
  await page.getByText('No extension found').waitFor()
  await button(page, /Demo wallet.*Test double, play money/).click()
  await ask(page, 'hello')
  await button(page, 'Pay $1.00').click()
  await complete(page).waitFor({ state: 'attached' })
  expect(app.gateway.state.counts().payments).toBe(1)
})

test('who says no to the price, by button or by Escape, is asked for nothing and can try again', async () => {
  const wallet = metaMask()
  const page = await open([wallet])
  await button(page, 'MetaMask').click()
  await ask(page, 'hello')
  await button(page, 'Not now').click()
  await page.getByRole('alert').getByText('You chose not to pay. No money moved.').waitFor()
  await button(page, 'Try again').click()
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('alert').getByText('You chose not to pay.').waitFor()
  expect(await page.getByRole('alert').count()).toBe(1)
  expect(wallet.owner.prompts).toEqual(['eth_requestAccounts'])
  expect(app.gateway.state.counts().payments).toBe(0)
})

test('who declines in the wallet sees that no money moved', async () => {
  const wallet = metaMask()
  const page = await open([wallet])
  await button(page, 'MetaMask').click()
  await ask(page, 'hello')
  wallet.owner.become('declines')
  await button(page, 'Pay $1.00').click()
  await page.getByRole('alert').getByText('You declined in your wallet. No money moved.').waitFor()
})

test('a wallet that is not connected says why, and one that is asked shows it', async () => {
  const wallet = metaMask()
  const page = await open([wallet])
  wallet.owner.become('is away')
  await button(page, 'MetaMask').click()
  await page.getByText('Open your wallet…').waitFor()
  wallet.owner.become('declines')
  await page.getByText('You declined in your wallet.').waitFor()
})

test('an answer can be stopped, and the gateway is hung up on', async () => {
  const page = await open([metaMask()])
  await button(page, 'MetaMask').click()
  await page.getByRole('combobox', { name: 'Model' }).selectOption('arouter/long')
  await ask(page, 'count')
  await button(page, 'Pay $1.00').click()
  await page.getByText('1 2 3 4 5').waitFor()
  await button(page, 'Stop').click()
  await page.getByText('You stopped this answer.').waitFor()
  await expect.poll(() => app.gateway.state.counts().streamsAborted).toBe(1)
})

test('a reload finds the wallet, the books and the credit again, and asks for nothing', async () => {
  const wallet = metaMask()
  const page = await open([wallet])
  await button(page, 'MetaMask').click()
  await ask(page, 'hello')
  await button(page, 'Pay $1.00').click()
  await complete(page).waitFor({ state: 'attached' })
  await page.reload()
  await page.getByText('$1.00 of $5.00 today').waitFor()
  await ask(page, 'again')
  await complete(page).waitFor({ state: 'attached' })
  expect(wallet.owner.prompts).toEqual(['eth_requestAccounts', 'eth_signTypedData_v4'])
  expect(app.gateway.state.counts()).toMatchObject({ payments: 1, signIns: 0 })
})

test('a gateway that cannot be reached is said so, and can be tried again', async () => {
  const page = await open([metaMask()])
  await button(page, 'MetaMask').click()
  await page.getByRole('textbox').waitFor()
  await page.context().setOffline(true)
  await ask(page, 'hello')
  await page
    .getByRole('alert')
    .getByText('The gateway cannot be reached. No money moved.')
    .waitFor()
  await page.context().setOffline(false)
  await button(page, 'Try again').click()
  await button(page, 'Pay $1.00').click()
  await complete(page).waitFor({ state: 'attached' })
  expect(await page.getByRole('alert').count()).toBe(0)
})

test('another account selected in the wallet takes over, and the conversation stays', async () => {
  const accounts = [0, 1].map(() => privateKeyToAccount(generatePrivateKey()))
  const wallet = metaMask({ accounts })
  const page = await open([wallet])
  await button(page, 'MetaMask').click()
  await ask(page, 'hello')
  await button(page, 'Pay $1.00').click()
  await complete(page).waitFor({ state: 'attached' })
  wallet.select(...accounts.toReversed())
  await page.getByTitle(accounts[1]?.address ?? '').waitFor()
  await page.getByText('$0.00 of $5.00 today').waitFor()
  expect(await page.getByRole('log').innerText()).toContain('hello')
  await ask(page, 'again')
  await button(page, 'Pay $1.00').click()
  await expect
    .poll(() => app.gateway.state.payments.map(({ payer }) => payer))
    .toEqual(accounts.map(({ address }) => address))
})

test('a wallet that is disconnected is let go, and so is the page', async () => {
  const page = await open([metaMask()])
  await button(page, 'MetaMask').click()
  await button(page, 'Disconnect').click()
  await page.getByRole('heading', { name: 'Choose a wallet' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'Choose a wallet' }).waitFor()
})

test('all of it works by keyboard, and focus is where the next step is', async () => {
  const page = await open([metaMask()])
  await button(page, 'MetaMask').waitFor()
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '')
  expect(await focused()).toContain('pay from your wallet')
  await page.keyboard.press('Tab')
  expect(await focused()).toContain('MetaMask')
  await page.keyboard.press('Enter')
  await page.getByRole('textbox').waitFor()
  await page.keyboard.type('hello')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  expect(await focused()).toBe('Not now')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await complete(page).waitFor({ state: 'attached' })
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('question')
})

test('nothing is wider than a phone, and everything to press is large enough to be pressed', async () => {
  const page = await open([metaMask(), coinbaseWallet(), phantom()])
  const check = async () => {
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.width)
    for (const each of await page.getByRole('button').all()) {
      expect((await each.boundingBox())?.height).toBeGreaterThanOrEqual(44)
    }
  }
  await button(page, 'MetaMask').waitFor()
  await check()
  await button(page, 'MetaMask').click()
  await ask(page, 'a question with a word of sixty letters: '.padEnd(100, 'x'))
  await page.getByRole('dialog').waitFor()
  await check()
  await button(page, 'Pay $1.00').click()
  await complete(page).waitFor({ state: 'attached' })
  await check()
})
