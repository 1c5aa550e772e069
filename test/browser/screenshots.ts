import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { serveApp } from '../../examples/browser/serve'
import { startChromium } from '../store/chromium'
import { coinbaseWallet, metaMask } from './wallets/evmWallet'
import { installWallets } from './wallets/installWallets'
import { phantom } from './wallets/solanaWallet'
import type { WalletDouble } from './wallets/WalletDouble'

/*
 * Takes the pictures of examples/browser that its README shows:
 * npx tsx test/browser/screenshots.ts
 */

const folder = fileURLToPath(new URL('../../examples/browser/screenshots/', import.meta.url))
const DESKTOP = { width: 1080, height: 680 }
const PHONE = { width: 390, height: 760 }
type Shape = {
  readonly viewport: typeof DESKTOP
  readonly colorScheme: 'light' | 'dark'
}

mkdirSync(folder, { recursive: true })
const { url, close } = await serveApp()
const browser = await startChromium()

await picture('connect', { viewport: DESKTOP, colorScheme: 'dark' }, (page) =>
  page.getByRole('button', { name: 'MetaMask' }).waitFor(),
)
await picture('approve', { viewport: DESKTOP, colorScheme: 'light' }, async (page) => {
  await page.getByRole('button', { name: 'MetaMask' }).click()
  await ask(page, 'What does a stablecoin do?')
  await page.getByRole('dialog').waitFor()
})
await picture('chat', { viewport: DESKTOP, colorScheme: 'light' }, async (page) => {
  await page.getByRole('button', { name: 'Coinbase Wallet' }).click()
  for (let times = 0; times < 4; times++) await paidAnswer(page, `Question number ${times + 1}`)
  await page.getByRole('combobox').selectOption('arouter/long')
  await ask(page, 'Count to a hundred')
  await page.getByRole('button', { name: /^Pay/ }).click()
  await page.getByText('21 22 23').waitFor()
})
await picture('phone', { viewport: PHONE, colorScheme: 'light' }, async (page) => {
  await page.getByRole('button', { name: 'Phantom' }).click()
  await paidAnswer(page, 'What does a stablecoin do?')
  await paidAnswer(page, 'And who keeps the dollars?')
  await page.getByRole('combobox').selectOption('arouter/long')
  await ask(page, 'Count to a hundred')
  await page.getByText('21 22 23').waitFor()
})
await picture('declined', { viewport: PHONE, colorScheme: 'dark' }, async (page, { owner }) => {
  await page.getByRole('button', { name: 'MetaMask' }).click()
  await ask(page, 'What does a stablecoin do?')
  owner.become('declines')
  await page.getByRole('button', { name: /^Pay/ }).click()
  await page.getByRole('alert').waitFor()
})
await browser.close()
await close()

async function picture(
  name: string,
  shape: Shape,
  act: (page: Page, wallet: WalletDouble) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext(shape)
  const wallet = metaMask()
  await installWallets(context, [wallet, coinbaseWallet(), phantom()])
  const page = await context.newPage()
  await page.goto(url)
  await act(page, wallet)
  await page.waitForTimeout(500) // for what moves to come to rest
  await page.screenshot({ path: `${folder}${name}.png` })
  await context.close()
}

async function ask(page: Page, question: string): Promise<void> {
  await page.getByLabel('Your question').fill(question)
  await page.keyboard.press('Enter')
}

async function paidAnswer(page: Page, question: string): Promise<void> {
  await ask(page, question)
  const pay = page.getByRole('button', { name: /^Pay/ })
  const complete = page.getByText('The answer is complete.')
  await pay.or(complete).first().waitFor({ state: 'attached' })
  if (await pay.isVisible()) await pay.click()
  await complete.waitFor({ state: 'attached' })
}
