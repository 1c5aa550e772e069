import { expect, test } from 'vitest'
import { ASSOCIATED_TOKEN, COMPUTE_BUDGET, LIGHTHOUSE, MEMO, SYSTEM, TOKEN } from './programs'
import { refuseTerms } from './refuseTerms'
import type { Terms } from './wallet'

const OWN = 'CktRuQ2mttgRGkXJtyksdKHjUdc2C4TgDzyB98oEzy8'
const PAYEE = 'GgBaCs3NCBuZN12kCJgAW63ydqohFkHEdfdEXBPzLHq'
const FEE_PAYER = 'LbUiWL3xVV8hTFYBVdbTNrpDo41NKS6o3LHHuDzjfcY'
const USDC = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'
const TOKEN_2022 = 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb'
const honest: Terms = {
  network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
  asset: USDC,
  amount: 1_000_000n,
  payTo: PAYEE,
  extra: { feePayer: FEE_PAYER },
}
const extra = (fields: Readonly<Record<string, unknown>>): Partial<Terms> => ({
  extra: { ...honest.extra, ...fields },
})

const accepted: readonly [string, Partial<Terms>][] = [
  ['with a fee payer alone', {}],
  ['with fields nobody knows', extra({ feature: true })],
  ['with the right decimals and token program', extra({ decimals: 6, tokenProgram: TOKEN })],
  ['with a memo', extra({ memo: 'Invoice 7, naïve café' })],
  ['with a memo of 256 bytes', extra({ memo: 'x'.repeat(256) })],
  ['with a blockhash', extra({ recentBlockhash: PAYEE, lastValidBlockHeight: 'ignored' })],
  ['for the least amount', { amount: 1n }],
  ['for the greatest amount', { amount: 2n ** 64n - 1n }],
  [
    'on devnet',
    {
      network: 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
      asset: '4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU',
    },
  ],
]

test.each(accepted)('an honest offer %s is not refused', (_, change) => {
  expect(refuseTerms({ ...honest, ...change }, OWN)).toBeUndefined()
})

const refused: readonly [string, Partial<Terms>, RegExp][] = [
  ['another network', { network: 'solana:4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z' }, /network/],
  ['the name of an inherited property as network', { network: 'toString' }, /network/],
  ['an EVM network', { network: 'eip155:8453' }, /network/],
  [
    'the devnet mint on mainnet',
    { asset: '4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU' },
    /asset/,
  ],
  ['the mint in lower case', { asset: USDC.toLowerCase() }, /asset/],
  ['other decimals', extra({ decimals: 9 }), /decimals/],
  ['decimals as text', extra({ decimals: '6' }), /decimals/],
  ['Token-2022', extra({ tokenProgram: TOKEN_2022 }), /token program/],
  ['no fee payer', { extra: {} }, /feePayer/],
  ['a fee payer that is a number', extra({ feePayer: 7 }), /feePayer/],
  ['a fee payer of 31 bytes', extra({ feePayer: '1'.repeat(31) }), /feePayer/],
  ['an EVM fee payer', extra({ feePayer: `0x${'1'.repeat(40)}` }), /feePayer/],
  ['ourselves as fee payer', extra({ feePayer: OWN }), /feePayer/],
  ['the payee as fee payer', extra({ feePayer: PAYEE }), /feePayer/],
  ['the mint as fee payer', extra({ feePayer: USDC }), /feePayer/],
  ['the system program as fee payer', extra({ feePayer: SYSTEM }), /feePayer/],
  ['the token program as fee payer', extra({ feePayer: TOKEN }), /feePayer/],
  ['no payTo', { payTo: '' }, /payTo/],
  ['an EVM payTo', { payTo: `0x${'1'.repeat(40)}` }, /payTo/],
  ['ourselves as payTo', { payTo: OWN }, /payTo/],
  ['the mint as payTo', { payTo: USDC }, /payTo/],
  ['zero as payTo', { payTo: SYSTEM }, /payTo/],
  ['the token program as payTo', { payTo: TOKEN }, /payTo/],
  ['the account program as payTo', { payTo: ASSOCIATED_TOKEN }, /payTo/],
  ['the memo program as payTo', { payTo: MEMO }, /payTo/],
  ['the compute budget as payTo', { payTo: COMPUTE_BUDGET }, /payTo/],
  ['Lighthouse as payTo', { payTo: LIGHTHOUSE }, /payTo/],
  ['an empty memo', extra({ memo: '' }), /memo/],
  ['a memo that is a number', extra({ memo: 7 }), /memo/],
  ['a memo of null', extra({ memo: null }), /memo/],
  ['a memo of 257 letters', extra({ memo: 'x'.repeat(257) }), /memo/],
  ['a memo of 256 letters but 512 bytes', extra({ memo: 'é'.repeat(256) }), /memo/],
  ['a memo of two lines', extra({ memo: 'a\nb' }), /memo/],
  ['a memo with a control character', extra({ memo: 'a\u001b[2J' }), /memo/],
  ['a memo written backwards', extra({ memo: 'a\u202eb' }), /memo/],
  ['a memo with half a character', extra({ memo: 'a\ud800' }), /memo/],
  ['a blockhash that is none', extra({ recentBlockhash: 'latest' }), /recentBlockhash/],
  ['a blockhash of null', extra({ recentBlockhash: null }), /recentBlockhash/],
  ['nothing', { amount: 0n }, /amount/],
  ['a negative amount', { amount: -1n }, /amount/],
  ['more than 64 bits', { amount: 2n ** 64n }, /amount/],
]

test.each(refused)('an offer naming %s is refused, and the reason says so', (_, change, reason) => {
  expect(refuseTerms({ ...honest, ...change }, OWN)).toMatch(reason)
})
