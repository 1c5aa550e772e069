import { expect, test } from 'vitest'
import type { Funds, WalletBalance } from '../../packages/sdk/src/payment/Funds'
import { paymentRequired } from '../simulation/scriptedClient'
import { NETWORK, PAYER, scene } from './scene'

const HELD: readonly WalletBalance[] = [
  { address: PAYER, network: NETWORK, asset: 'usdc', amount: 7n },
]

/** Knows that the wallet lacks nothing, or lacks all. */
function known(wallet: 'rich' | 'poor'): Funds {
  return {
    balances: async () => HELD,
    narrow: async (_, choice) =>
      wallet === 'rich' ? choice : { ...choice, required: { ...choice.required, offers: [] } },
    explain: async (error) =>
      wallet === 'rich' ? error : Object.assign(error, { code: 'insufficient_funds' }),
  }
}

test('what wallets hold is known where funds are, and not where they are not', async () => {
  const { books, run } = scene()
  const refused = run(books.balances()).catch((error: unknown) => error)
  expect(await refused).toMatchObject({ code: 'invalid_option' })
  const informed = scene({ funds: known('rich') })
  expect(await informed.run(informed.books.balances())).toEqual(HELD)
})

test('an offer that funds take out of a choice is not paid', async () => {
  const rich = scene({ funds: known('rich') })
  expect(await rich.served()).toBe(200)
  const poor = scene({ funds: known('poor') })
  expect(await poor.failed()).toMatchObject({ code: 'no_acceptable_offer', fundsMoved: 'no' })
  expect([rich.asked.payments, poor.asked.payments]).toEqual([1, 0])
})

test.each([
  ['rich', 'payment_rejected'],
  ['poor', 'insufficient_funds'],
] as const)(
  'a refusal is explained by what the wallet, %s, holds: at once and by later calls',
  async (wallet, code) => {
    const funds: Funds = { ...known(wallet), narrow: known('rich').narrow }
    const { failed, gateway, asked } = scene({ funds })
    gateway.paid = () => paymentRequired('insufficient_funds')
    expect(await failed()).toMatchObject({ code, fundsMoved: 'maybe' })
    expect(await failed()).toMatchObject({ code, fundsMoved: 'maybe' })
    expect(asked.payments).toBe(1)
  },
)
