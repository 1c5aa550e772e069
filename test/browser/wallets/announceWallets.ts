import type { Appearance, WalletAnswer } from './WalletDouble'

declare global {
  /** Put into each page by `installWallets`. */
  var callWalletDouble: (
    id: string,
    method: string,
    params: readonly unknown[],
  ) => Promise<WalletAnswer>
}

/**
 * The part of the wallets that is in the page: EIP-1193 providers announced by EIP-6963, and wallets
 * registered by Wallet Standard. Sent to the page as text, so it uses nothing from outside itself.
 */
export function announceWallets(appearances: readonly Appearance[]): void {
  type Shown = { readonly address: string; readonly publicKey: readonly number[] }

  const call = async (id: string, method: string, params: readonly unknown[]) => {
    const answer = await callWalletDouble(id, method, params)
    if ('result' in answer) return answer.result
    throw Object.assign(new Error(answer.fault.message), { code: answer.fault.code })
  }
  const listen = (id: string, listener: (event: string, value: unknown) => void) =>
    window.addEventListener(`wallet-double:${id}`, (told) => {
      if (told instanceof CustomEvent) listener(told.detail.event, told.detail.value)
    })

  const announceEvm = ({ id, name, icon }: Appearance) => {
    const listeners = new Map<string, Set<(value: unknown) => void>>()
    listen(id, (event, value) => {
      for (const listener of listeners.get(event) ?? []) listener(value)
    })
    const provider = {
      request: ({ method, params }: { method: string; params?: readonly unknown[] }) =>
        call(id, method, params ?? []),
      on: (event: string, listener: (value: unknown) => void) => {
        listeners.set(event, (listeners.get(event) ?? new Set()).add(listener))
      },
      removeListener: (event: string, listener: (value: unknown) => void) => {
        listeners.get(event)?.delete(listener)
      },
    }
    const info = Object.freeze({ uuid: crypto.randomUUID(), name, icon, rdns: id })
    const detail = Object.freeze({ info, provider })
    const announce = () =>
      window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }))
    window.addEventListener('eip6963:requestProvider', announce)
    announce()
  }

  const registerSolana = ({ id, name, icon }: Appearance) => {
    const listeners = new Set<(change: object) => void>()
    let accounts: readonly object[] = []
    const show = (shown: unknown) => {
      const list: readonly Shown[] = Array.isArray(shown) ? shown : []
      accounts = list.map((each) => ({ ...each, publicKey: Uint8Array.from(each.publicKey) }))
    }
    listen(id, (_, value) => {
      show(value)
      for (const listener of listeners) listener({ accounts })
    })
    const sign = async (method: string, bytes: Uint8Array) => {
      const signed = await call(id, method, [[...bytes]])
      return Uint8Array.from(Array.isArray(signed) ? signed : [])
    }
    const wallet = {
      version: '1.0.0',
      name,
      icon,
      chains: ['solana:mainnet', 'solana:devnet'],
      get accounts() {
        return accounts
      },
      features: {
        'standard:connect': {
          version: '1.0.0',
          connect: async (input?: object) => {
            show(await call(id, 'connect', [input]))
            return { accounts }
          },
        },
        'standard:events': {
          version: '1.0.0',
          on: (_event: string, listener: (change: object) => void) => {
            listeners.add(listener)
            return () => listeners.delete(listener)
          },
        },
        'solana:signTransaction': {
          version: '1.0.0',
          supportedTransactionVersions: ['legacy', 0],
          signTransaction: async ({ transaction }: { transaction: Uint8Array }) => [
            { signedTransaction: await sign('signTransaction', transaction) },
          ],
        },
        'solana:signMessage': {
          version: '1.0.0',
          signMessage: async ({ message }: { message: Uint8Array }) => [
            { signedMessage: message, signature: await sign('signMessage', message) },
          ],
        },
      },
    }
    const register = (api: { register: (...wallets: unknown[]) => void }) => api.register(wallet)
    window.addEventListener('wallet-standard:app-ready', (ready) => {
      if (ready instanceof CustomEvent) register(ready.detail)
    })
    window.dispatchEvent(new CustomEvent('wallet-standard:register-wallet', { detail: register }))
  }

  for (const appearance of appearances) {
    if (appearance.kind === 'evm') announceEvm(appearance)
    else registerSolana(appearance)
  }
}
