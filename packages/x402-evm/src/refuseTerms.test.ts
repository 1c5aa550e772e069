import { expect, test } from 'vitest'
import { networks } from './networks'
import { refuseTerms } from './refuseTerms'
import type { Terms } from './wallet'

const OWN = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
const USDC = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913'
const honest: Terms = {
  network: 'eip155:8453',
  asset: USDC,
  amount: 1_000_000n,
  payTo: '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
  extra: { name: 'USD Coin', version: '2' },
}

const accepted: readonly [string, Partial<Terms>][] = [
  ['stated fully', {}],
  ['without extra fields', { extra: {} }],
  ['with fields nobody knows', { extra: { feature: true } }],
  [
    'with the right decimals and method',
    { extra: { decimals: 6, assetTransferMethod: 'eip3009' } },
  ],
  ['with lower-case addresses', { asset: USDC.toLowerCase(), payTo: honest.payTo.toLowerCase() }],
  ['for the least amount', { amount: 1n }],
  ['for the greatest amount', { amount: 2n ** 256n - 1n }],
  [
    'on the testnet',
    {
      network: 'eip155:84532',
      asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
      extra: { name: 'USDC', version: '2' },
    },
  ],
]

test.each(accepted)('an honest offer %s is not refused', (_, change) => {
  expect(refuseTerms({ ...honest, ...change }, OWN)).toBeUndefined()
})

const refused: readonly [string, Partial<Terms>, RegExp][] = [
  ['another network', { network: 'eip155:1' }, /network/],
  ['a wildcard network', { network: 'eip155:*' }, /network/],
  ['the name of an inherited property as network', { network: 'constructor' }, /network/],
  ['a Solana network', { network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp' }, /network/],
  ['the network in capitals', { network: 'EIP155:8453' }, /network/],
  [
    'the testnet token on mainnet',
    { asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e' },
    /asset/,
  ],
  ['a token one digit off', { asset: '0x833589fcd6edb6e08f4c7c32d4f71b54bda02914' }, /asset/],
  ['no token', { asset: '' }, /asset/],
  ['the testnet domain name on mainnet', { extra: { name: 'USDC' } }, /name/],
  ['an empty domain name', { extra: { name: '' } }, /name/],
  ['a domain name of null', { extra: { name: null } }, /name/],
  ['a domain version that is a number', { extra: { version: 2 } }, /version/],
  ['another domain version', { extra: { version: '1' } }, /version/],
  ['other decimals', { extra: { decimals: 18 } }, /decimals/],
  ['decimals as text', { extra: { decimals: '6' } }, /decimals/],
  ['Permit2', { extra: { assetTransferMethod: 'permit2' } }, /method/],
  ['EIP-2612', { extra: { assetTransferMethod: 'eip2612' } }, /method/],
  ['no payTo', { payTo: '' }, /payTo/],
  ['a payTo of 19 bytes', { payTo: `0x${'1'.repeat(38)}` }, /payTo/],
  ['a Solana payTo', { payTo: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v' }, /payTo/],
  [
    'a payTo with a wrong checksum',
    { payTo: '0xfb6916095ca1df60bB79Ce92cE3Ea74c37c5d359' },
    /payTo/,
  ],
  ['the zero address', { payTo: `0x${'0'.repeat(40)}` }, /zero/],
  ['the token as payTo', { payTo: USDC }, /token/],
  ['the token as payTo in lower case', { payTo: USDC.toLowerCase() }, /token/],
  ['ourselves as payTo', { payTo: OWN }, /itself/],
  ['ourselves as payTo in lower case', { payTo: OWN.toLowerCase() }, /itself/],
  ['nothing', { amount: 0n }, /amount/],
  ['a negative amount', { amount: -1n }, /amount/],
  ['more than 256 bits', { amount: 2n ** 256n }, /amount/],
]

test.each(refused)('an offer naming %s is refused, and the reason says so', (_, change, reason) => {
  expect(refuseTerms({ ...honest, ...change }, OWN)).toMatch(reason)
})

test('every address one digit off from USDC is refused', () => {
  for (const [network, { address }] of Object.entries(networks)) {
    const digits = address.toLowerCase()
    for (let at = 2; at < digits.length; at++) {
      const other = digits[at] === '0' ? '1' : '0'
      const asset = digits.slice(0, at) + other + digits.slice(at + 1)
      expect(refuseTerms({ ...honest, network, asset, extra: {} }, OWN)).toMatch(/asset/)
    }
  }
})
