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
  const call = async (id: string, method: string, params: readonly unknown[]) => {
    const answer = await callWalletDouble(id, method, params)
    if ('result' in answer) return answer.result
    throw Object.assign(new Error(answer.fault.message), { code: answer.fault.code })
  }

  const announceEvm = ({ id, name, icon }: Appearance) => {
    const listeners = new Map<string, Set<(detail: unknown) => void>>()
    window.addEventListener(`wallet-double:${id}`, (told) => {
      if (!(told instanceof CustomEvent)) return
      for (const listener of listeners.get(told.detail.event) ?? []) listener(told.detail.detail)
    })
    const provider = {
      request: ({ method, params }: { method: string; params?: readonly unknown[] }) =>
        call(id, method, params ?? []),
      on: (event: string, listener: (detail: unknown) => void) => {
        const known = listeners.get(event) ?? new Set()
        listeners.set(event, known.add(listener))
      },
      removeListener: (event: string, listener: (detail: unknown) => void) => {
        listeners.get(event)?.delete(listener)
      },
    }
    const info = Object.freeze({ uuid: crypto.randomUUID(), name, icon, rdns: id })
    const announce = () =>
      window.dispatchEvent(
        new CustomEvent('eip6963:announceProvider', {
          detail: Object.freeze({ info, provider }),
        }),
      )
    window.addEventListener('eip6963:requestProvider', announce)
    announce()
  }

  const registerSolana = ({ id, name, icon, publicKey }: Appearance) => {
    type Account = { readonly address: string; readonly publicKey: Uint8Array }
    let accounts: readonly Account[] = []
    const listeners = new Set<(change: { accounts: readonly Account[] }) => void>()
    const change = (next: readonly Account[]) => {
      accounts = next
      for (const listener of listeners) listener({ accounts })
    }
    const account = {
      address: publicKey?.address ?? '',
      publicKey: Uint8Array.from(publicKey?.bytes ?? []),
      chains: ['solana:mainnet', 'solana:devnet'],
      features: ['solana:signTransaction', 'solana:signMessage'],
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
          connect: async (input?: unknown) => {
            const permitted = await call(id, 'standard:connect', [input])
            if (permitted && accounts.length === 0) change([account])
            return { accounts }
          },
        },
        'standard:disconnect': {
          version: '1.0.0',
          disconnect: async () => {
            await call(id, 'standard:disconnect', [])
            change([])
          },
        },
        'standard:events': {
          version: '1.0.0',
          on: (_event: string, listener: (change: { accounts: readonly Account[] }) => void) => {
            listeners.add(listener)
            return () => listeners.delete(listener)
          },
        },
        'solana:signTransaction': {
          version: '1.0.0',
          supportedTransactionVersions: ['legacy', 0],
          signTransaction: async (...inputs: readonly { transaction: Uint8Array }[]) => {
            const outputs: { signedTransaction: Uint8Array }[] = []
            for (const { transaction } of inputs) {
              const signed = await call(id, 'solana:signTransaction', [[...transaction]])
              outputs.push({ signedTransaction: Uint8Array.from(signed as number[]) })
            }
            return outputs
          },
        },
        'solana:signMessage': {
          version: '1.0.0',
          signMessage: async (...inputs: readonly { message: Uint8Array }[]) => {
            const outputs: { signedMessage: Uint8Array; signature: Uint8Array }[] = []
            for (const { message } of inputs) {
              const signature = await call(id, 'solana:signMessage', [[...message]])
              outputs.push({
                signedMessage: message,
                signature: Uint8Array.from(signature as number[]),
              })
            }
            return outputs
          },
        },
      },
    }
    const register = (api: { register: (...wallets: unknown[]) => void }) => api.register(wallet)
    window.addEventListener('wallet-standard:app-ready', (ready) => {
      if (ready instanceof CustomEvent) register(ready.detail)
      else register((ready as Event & { detail: { register: () => void } }).detail)
    })
    window.dispatchEvent(new CustomEvent('wallet-standard:register-wallet', { detail: register }))
  }

  // Init scripts also run in frames of no origin, where a page has no wallets.
  if (location.protocol === 'about:') return
  for (const appearance of appearances) {
    if (appearance.kind === 'evm') announceEvm(appearance)
    else registerSolana(appearance)
  }
}
