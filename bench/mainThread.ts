import { createMockGateway } from '@arouter/mock-gateway'
import { servePages } from '../test/browser/servePages'
import { metaMask } from '../test/browser/wallets/evmWallet'
import { installWallets } from '../test/browser/wallets/installWallets'
import { phantom } from '../test/browser/wallets/solanaWallet'
import { startChromium } from '../test/store/chromium'
import { interleave } from './measure'
import type { Table } from './printTable'

/** How long a page can do nothing else while the SDK pays for a first call, and for a warm one. */
export async function measureMainThread(): Promise<Table> {
  const gateway = await createMockGateway()
  const pages = await servePages('dapp.ts')
  const browser = await startChromium()

  const longest = async (make: typeof metaMask | typeof phantom, which: 'first' | 'warm') => {
    const context = await browser.newContext()
    const wallet = make()
    await installWallets(context, [wallet])
    const page = await context.newPage()
    await page.goto(pages.origin)
    await page.waitForFunction(() => 'dapp' in globalThis)
    await page.evaluate(([url, name]) => dapp.connect(url, name), [
      gateway.url,
      wallet.appearance.name,
    ] as const)
    if (which === 'warm') await page.evaluate(() => dapp.chat('first'))
    const block = await page.evaluate(() => dapp.longestBlock('hello'))
    await context.close()
    return block
  }

  try {
    const samples = await interleave(
      {
        'MetaMask: first call, which pays': () => longest(metaMask, 'first'),
        'Phantom: first call, which pays': () => longest(phantom, 'first'),
        'MetaMask: warm call': () => longest(metaMask, 'warm'),
      },
      9,
      1,
    )
    return {
      title: 'Chromium: longest time for which the page could do nothing else, 9 new pages each',
      unit: 'ms',
      samples,
      ours: 'MetaMask: warm call',
    }
  } finally {
    await browser.close()
    pages.close()
    await gateway.close()
  }
}
