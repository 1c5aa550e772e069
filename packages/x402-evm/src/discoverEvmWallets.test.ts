import { afterEach, beforeEach, expect, test, vi } from 'vitest'
// @boundaries-ignore a test may use what all tests share
import { eip1193Double } from '../../../test/support/eip1193Double'
import { discoverEvmWallets } from './discoverEvmWallets'

const ICON = 'data:image/svg+xml;base64,PHN2Zy8+'
const metaMask = { uuid: crypto.randomUUID(), name: 'MetaMask', icon: ICON, rdns: 'io.metamask' }
const { provider } = eip1193Double()

beforeEach(() => vi.stubGlobal('window', new EventTarget()))
afterEach(() => vi.unstubAllGlobals())

const announce = (info: unknown, its: unknown = provider) =>
  window.dispatchEvent(
    new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info, provider: its }) }),
  )

test('wallets are found that were there before, and that come after', () => {
  window.addEventListener('eip6963:requestProvider', () => announce(metaMask))
  const discovery = discoverEvmWallets()
  expect(discovery.wallets()).toEqual([{ ...metaMask, provider }])
  const other = { ...metaMask, uuid: crypto.randomUUID(), rdns: 'com.coinbase.wallet' }
  announce(other)
  expect(discovery.wallets().map(({ rdns }) => rdns)).toEqual([
    'io.metamask',
    'com.coinbase.wallet',
  ])
})

test('a wallet that announces itself twice is listed once', () => {
  const discovery = discoverEvmWallets()
  announce(metaMask)
  const before = discovery.wallets()
  announce({ ...metaMask, name: 'Another' })
  expect(discovery.wallets()).toBe(before)
})

test('whoever subscribes is told of each change until they leave', () => {
  const discovery = discoverEvmWallets()
  const heard = vi.fn()
  const leave = discovery.subscribe(heard)
  announce(metaMask)
  announce(metaMask)
  expect(heard).toHaveBeenCalledTimes(1)
  leave()
  announce({ ...metaMask, uuid: crypto.randomUUID() })
  expect(heard).toHaveBeenCalledTimes(1)
})

test('a discovery that was stopped finds nothing more', () => {
  const discovery = discoverEvmWallets()
  discovery.stop()
  announce(metaMask)
  expect(discovery.wallets()).toEqual([])
})

test.each([
  'https://tracker.example/icon.png',
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  '',
  undefined,
])('an icon of %j is left out', (icon) => {
  const discovery = discoverEvmWallets()
  announce({ ...metaMask, icon })
  expect(discovery.wallets()).toMatchObject([{ name: 'MetaMask', icon: undefined }])
})

test.each([
  [undefined, provider],
  [{ ...metaMask, uuid: '' }, provider],
  [{ ...metaMask, name: 5 }, provider],
  [{ ...metaMask, rdns: undefined }, provider],
  [metaMask, undefined],
  [metaMask, {}],
])('a malformed announcement is no wallet: %j', (info, its) => {
  const discovery = discoverEvmWallets()
  announce(info, its ?? null)
  window.dispatchEvent(new Event('eip6963:announceProvider'))
  expect(discovery.wallets()).toEqual([])
})

test('without a window there are no wallets', () => {
  vi.unstubAllGlobals()
  const discovery = discoverEvmWallets()
  expect(discovery.wallets()).toEqual([])
  discovery.stop()
})
