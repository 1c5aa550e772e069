import { expect, test } from 'vitest'
import { paidAnswer, paymentRequired } from '../simulation/scriptedClient'
import { DOLLAR, scene } from './scene'

/** The 402 of a gateway that sells each answer by itself. */
function askingFor(amount: bigint): Response {
  const terms = JSON.parse(atob(paymentRequired().headers.get('payment-required') ?? ''))
  terms.accepts[0].amount = String(amount)
  const header = btoa(JSON.stringify(terms))
  return new Response(null, { status: 402, headers: { 'payment-required': header } })
}

test('a price that rises by one in a hundred from call to call is paid while it is the price stated', async () => {
  const { served, failed, gateway, asked, seen, budget } = scene({ prices: { '/v1/chat': '$1' } })
  gateway.paid = () => paidAnswer()
  let amount = DOLLAR
  gateway.bare = () => askingFor(amount)
  expect(await served('/v1/chat')).toBe(200)
  for (let call = 1; call < 1_000; call++) {
    amount += amount / 100n + 1n
    seen.length = 0 // A scene ends a client that asks without end.
    const error = await failed('/v1/chat')
    expect(error).toMatchObject({ code: 'no_acceptable_offer', fundsMoved: 'no' })
  }
  expect(asked.payments).toBe(1)
  expect(await budget()).toMatchObject({ spent: DOLLAR, reserved: 0n })
})

test('a path has the price of its own, and the others that of the rest', async () => {
  const prices = { '/v1/chat': '$1', '/*': '$0' } as const
  const { failed, served, gateway, asked, books, run } = scene({ prices })
  gateway.bare = ({ token }) => (token ? new Response('{}') : askingFor(DOLLAR))
  const refused = { code: 'no_acceptable_offer', fundsMoved: 'no' }
  expect(await failed('/v1/images?of=/v1/chat')).toMatchObject(refused)
  expect(await failed('/v1/chat/../images')).toMatchObject(refused)
  await expect(run(books.dryRun('/v1/images'))).rejects.toMatchObject(refused)
  expect(await run(books.dryRun('/v1/chat'))).toMatchObject({ path: '/v1/chat', amount: DOLLAR })
  expect(asked.payments).toBe(0)
  expect(await served('/v1/chat?a=1')).toBe(200)
  expect(asked.payments).toBe(1)
  // Credit that has been bought is spent wherever it is asked for.
  expect(await served('/v1/images')).toBe(200)
  expect(asked.payments).toBe(1)
})
