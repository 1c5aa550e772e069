import { createMockGateway, type MockGateway, type MockGatewayOptions } from '@arouter/mock-gateway'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, onTestFinished, vi } from 'vitest'
import { startChromium } from '../store/chromium'
import type {} from './dapp'
import { type Pages, servePages } from './servePages'
import { installWallets } from './wallets/installWallets'
import type { WalletDouble } from './wallets/WalletDouble'

/** A gateway, and a browser with wallets and one page open on a dApp. */
export type Scene = {
  readonly gateway: MockGateway
  readonly context: BrowserContext
  readonly page: Page
  /** Opens another tab of the same browser on the same dApp. */
  readonly newTab: () => Promise<Page>
}

/**
 * Bundles `script` and starts Chromium, once for the file; makes the scenes of its tests. The page is
 * there when the script has made the global it is named for.
 */
export function browserScenes(script: string) {
  // A browser is slow to start on a busy machine.
  vi.setConfig({ testTimeout: 120_000 })
  let browser: Browser
  let pages: Pages

  beforeAll(async () => {
    pages = await servePages(script)
    browser = await startChromium()
  })
  afterAll(async () => {
    await browser?.close()
    pages?.close()
  })

  return async (
    wallets: readonly WalletDouble[] = [],
    options: MockGatewayOptions = {},
  ): Promise<Scene> => {
    const gateway = await createMockGateway(options)
    const context = await browser.newContext()
    onTestFinished(async () => {
      await context.close()
      await gateway.close()
    })
    if (wallets.length > 0) await installWallets(context, wallets)
    const newTab = async () => {
      const page = await context.newPage()
      await page.goto(pages.origin)
      await page.waitForFunction((name) => name in globalThis, script.replace(/\..*/, ''))
      return page
    }
    return { gateway, context, page: await newTab(), newTab }
  }
}

/** Connects a page to a wallet and lets it pay at the gateway. */
export async function connect(
  page: Page,
  gateway: MockGateway,
  { appearance }: WalletDouble,
): Promise<string> {
  const address = await page.evaluate(([url, name]) => dapp.connect(url, name), [
    gateway.url,
    appearance.name,
  ] as const)
  if (typeof address === 'string') return address
  throw new Error(`${appearance.name} did not connect: ${JSON.stringify(address)}`)
}

/** Sends one message and resolves to how that ended. */
export function chat(page: Page, content: string) {
  return page.evaluate((text) => dapp.chat(text), content)
}
