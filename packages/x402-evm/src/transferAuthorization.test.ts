import { afterEach, expect, test, vi } from 'vitest'
import { evmSigner } from './evmSigner'
import { networks } from './networks'
import { randomNonce } from './transferAuthorization'
import type { PrepareContext } from './wallet'

afterEach(() => {
  vi.restoreAllMocks()
})

test('of a million nonces no two are equal', () => {
  const nonces = new Set<string>()
  for (let i = 0; i < 1_000_000; i++) nonces.add(randomNonce())
  expect(nonces.size).toBe(1_000_000)
  const [first] = nonces
  expect(first).toMatch(/^0x[0-9a-f]{64}$/)
}, 240_000)

test('nothing is signed where random numbers repeat', async () => {
  let signatures = 0
  const wallet = evmSigner({
    address: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
    signTypedData: async () => {
      signatures++
      return `0x${'1'.padStart(64, '0')}${'2'.padStart(64, '0')}1b`
    },
    signMessage: async () => '0x',
  })
  const [network = '', asset] = Object.entries(networks)[0] ?? []
  const payTo = '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359'
  const terms = { network, asset: asset?.address ?? '', amount: 1n, payTo, extra: {} }
  const context: PrepareContext = { now: 1_800_000_000, validity: 60, rpc: [], fetch }
  vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => array) // zeros, each time
  const pay = async () => (await wallet.prepare(terms, context)).sign()
  await pay()
  await expect(pay()).rejects.toMatchObject({ code: 'refused' })
  expect(signatures).toBe(1)
})
