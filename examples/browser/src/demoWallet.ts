import type { TransferTypedData } from '@arouter/x402-evm'
import type { Hex } from 'viem'

const KEY = 'demo-wallet'

/**
 * A test double of a wallet, for people without an extension: announces itself as extensions do
 * (EIP-6963) and signs whatever it is asked to with a key made here. Never offer one outside of a demo.
 */
export function announceDemoWallet(): void {
  const info = {
    uuid: crypto.randomUUID(),
    name: 'Demo wallet',
    icon: `data:image/svg+xml,${encodeURIComponent(ICON)}`,
    rdns: 'ai.arouter.demo',
  }
  const detail = Object.freeze({ info: Object.freeze(info), provider: { request } })
  const announce = () => {
    window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }))
  }
  window.addEventListener('eip6963:requestProvider', announce)
  announce()
}

type Request = { readonly method: string; readonly params?: readonly string[] }

async function request({ method, params: [first = '', second = ''] = [] }: Request) {
  const account = await loadAccount()
  switch (method) {
    case 'eth_accounts':
    case 'eth_requestAccounts':
      return [account.address]
    case 'eth_chainId':
      return '0x14a34'
    case 'personal_sign':
      return account.signMessage({ message: { raw: first as Hex } })
    case 'eth_signTypedData_v4': {
      const typedData: TransferTypedData = JSON.parse(second)
      return account.signTypedData(typedData)
    }
    default:
      throw Object.assign(new Error(`The demo wallet has no ${method}.`), { code: 4200 })
  }
}

// Kept for the life of the tab, so that a reload finds the same wallet.
async function loadAccount() {
  const { generatePrivateKey, privateKeyToAccount } = await import('viem/accounts')
  const key = sessionStorage.getItem(KEY) ?? generatePrivateKey()
  sessionStorage.setItem(KEY, key)
  return privateKeyToAccount(key as Hex)
}

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0b6e5f"/><path d="M8 12h16v10H8zM8 12l11-4v4" fill="none" stroke="#fff" stroke-width="2" stroke-linejoin="round"/><circle cx="20" cy="17" r="1.6" fill="#fff"/></svg>`
