import type { BrowserContext } from 'playwright-core'
import { announceWallets } from './announceWallets'
import type { WalletDouble } from './WalletDouble'

/**
 * Puts wallets into every page of a context, as extensions do before a page's own scripts run. All
 * pages see the same wallet, and none sees a key.
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
    onEvent(async (event, detail) => {
      await Promise.all(
        context.pages().map((page) =>
          page
            .evaluate(
              ([type, told]) => {
                window.dispatchEvent(new CustomEvent(type, { detail: told }))
              },
              [`wallet-double:${appearance.id}`, { event, detail }] as const,
            )
            // A page that is being left hears nothing.
            .catch(() => undefined),
        ),
      )
    })
  }
  await context.addInitScript(
    announceWallets,
    wallets.map(({ appearance }) => appearance),
  )
}
