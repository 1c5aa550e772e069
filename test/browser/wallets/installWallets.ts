import type { BrowserContext } from 'playwright-core'
import { announceWallets } from './announceWallets'
import type { WalletDouble } from './WalletDouble'

/**
 * Puts wallets into every page of a context, as extensions do before a page's own scripts run. All
 * pages see the same wallets, and none sees a key.
 */
export async function installWallets(
  context: BrowserContext,
  wallets: readonly WalletDouble[],
): Promise<void> {
  const byId = new Map(wallets.map((wallet) => [wallet.appearance.id, wallet]))
  await context.exposeFunction(
    'callWalletDouble',
    async (id: string, method: string, params: readonly unknown[]) => {
      const wallet = byId.get(id)
      if (!wallet) throw new Error(`there is no wallet ${id}`)
      return wallet.call(method, params)
    },
  )
  for (const { appearance, onEvent } of wallets) {
    onEvent((event, value) => {
      for (const page of context.pages()) {
        const dispatch = ([type, detail]: readonly [string, unknown]) =>
          void window.dispatchEvent(new CustomEvent(type, { detail }))
        // A page that is being left hears nothing.
        page
          .evaluate(dispatch, [`wallet-double:${appearance.id}`, { event, value }] as const)
          .catch(() => undefined)
      }
    })
  }
  // Compilers that keep the names of functions have them call this.
  await context.addInitScript('globalThis.__name ??= (named) => named')
  await context.addInitScript(
    announceWallets,
    wallets.map(({ appearance }) => appearance),
  )
}
