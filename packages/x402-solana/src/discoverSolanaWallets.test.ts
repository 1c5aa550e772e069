import { getWallets } from '@wallet-standard/app'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
// @boundaries-ignore a test may use what all tests share
import { standardWalletDouble } from '../../../test/support/solanaWalletDoubles'
import { discoverSolanaWallets } from './discoverSolanaWallets'

beforeEach(() => vi.stubGlobal('window', new EventTarget()))
afterEach(() => vi.unstubAllGlobals())

type Api = { readonly register: (...wallets: readonly unknown[]) => () => void }

// What a wallet does (Wallet Standard): offers itself, and again to each page that says it is ready.
function install(...wallets: readonly unknown[]) {
  let unregister = () => {}
  const callback = (api: Api) => {
    unregister = api.register(...wallets)
  }
  window.dispatchEvent(new CustomEvent('wallet-standard:register-wallet', { detail: callback }))
  window.addEventListener('wallet-standard:app-ready', (event) => {
    if ('detail' in event) callback(event.detail as Api) // as a wallet has it: unchecked
  })
  return () => unregister()
}

test('wallets are found that were there before, and that come after', () => {
  const { wallet: before } = standardWalletDouble()
  const { wallet: after } = standardWalletDouble()
  install(before)
  const discovery = discoverSolanaWallets()
  install(after)
  expect(discovery.wallets()).toEqual([
    { name: 'Double', icon: before.icon, wallet: before },
    { name: 'Double', icon: after.icon, wallet: after },
  ])
})

test('it says to wallets what the app package of the standard says', () => {
  const { wallet } = standardWalletDouble()
  install(wallet)
  expect(getWallets().get()).toEqual([wallet])
  expect(discoverSolanaWallets().wallets()).toMatchObject([{ wallet }])
})

test('a wallet that registers twice is listed once, and one that leaves is not', () => {
  const { wallet } = standardWalletDouble()
  const discovery = discoverSolanaWallets()
  const heard = vi.fn()
  discovery.subscribe(heard)
  const unregister = install(wallet)
  const before = discovery.wallets()
  install(wallet)
  expect(discovery.wallets()).toBe(before)
  unregister()
  expect(discovery.wallets()).toEqual([])
  expect(heard).toHaveBeenCalledTimes(2)
})

test('a discovery that was stopped, or left, tells nobody', () => {
  const discovery = discoverSolanaWallets()
  const heard = vi.fn()
  discovery.subscribe(heard)()
  install(standardWalletDouble().wallet)
  discovery.subscribe(heard)
  discovery.stop()
  install(standardWalletDouble().wallet)
  expect(heard).not.toHaveBeenCalled()
  expect(discovery.wallets()).toHaveLength(1)
})

test('wallets of other chains, and malformed ones, are left out', () => {
  const { wallet } = standardWalletDouble()
  const { 'solana:signTransaction': _, ...features } = wallet.features
  install({ ...wallet, features }, undefined, 5, {}, { ...wallet, accounts: undefined })
  window.dispatchEvent(new Event('wallet-standard:register-wallet'))
  expect(discoverSolanaWallets().wallets()).toEqual([])
})

test('an icon that is no image in a data URI is left out', () => {
  const { wallet } = standardWalletDouble()
  install({ ...wallet, icon: 'https://tracker.example/icon.png' })
  expect(discoverSolanaWallets().wallets()).toMatchObject([{ name: 'Double', icon: undefined }])
})

test('without a window there are no wallets', () => {
  vi.unstubAllGlobals()
  const discovery = discoverSolanaWallets()
  expect(discovery.wallets()).toEqual([])
  discovery.stop()
})
