import { describe, expect, test } from 'vitest'
import type { Json } from '../../packages/sdk/src/store/Store'
import type { Wallet } from '../../packages/sdk/src/wallet'
import { paymentRequired } from '../simulation/scriptedClient'
import { tokenWith } from '../simulation/terms'
import { ORIGIN } from '../simulation/World'
import { earlier, PAYER, STORE_KEYS, scene, TOKEN } from './scene'

const FIRST = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'

/** A client of two wallets on a store in which the second one has paid, and the first one maybe before. */
async function restarted(options: {
  readonly interactive: boolean
  readonly firstPaidAt?: number
}) {
  const { wallet } = scene()
  const second: Wallet = { ...wallet, interactive: options.interactive }
  const first: Wallet = { ...second, namespace: 'solana', address: FIRST, networks: {} }
  const played = scene({ wallets: [first, second] })
  const paid = (from: string, createdAt: number) =>
    played.store.update(
      `attempt/${ORIGIN}/${from}/${createdAt}`,
      () => ({ ...earlier({ from, createdAt, state: 'settled' }) }) as unknown as Json, // JSON by its type
    )
  await paid(PAYER, 5)
  if (options.firstPaidAt !== undefined) await paid(FIRST, options.firstPaidAt)
  played.gateway.auth = () => Response.json({ jwt: TOKEN })
  played.gateway.bare = ({ token }) => (token === TOKEN ? new Response('{}') : paymentRequired())
  return played
}

describe.each([
  ['a key', false],
  ['a person', true],
])('credit that one of two wallets bought, signed for by %s,', (_, interactive) => {
  test.each([undefined, 4])(
    'is spent after a restart, whichever wallet comes first (which paid at %s)',
    async (firstPaidAt) => {
      const options = firstPaidAt === undefined ? { interactive } : { interactive, firstPaidAt }
      const { served, asked, sent, seen } = await restarted(options)
      expect(await served()).toBe(200)
      expect(sent().times).toBe(0)
      expect(asked.payments).toBe(0)
      expect(seen.at(-1)).toMatchObject({ token: TOKEN })
    },
  )

  test('is spent by the token that stands in the store, with no signature', async () => {
    const { served, asked, seen, store } = await restarted({ interactive })
    await store.update(STORE_KEYS.session, () => ({ v: 1, jwt: TOKEN, exp: null }))
    expect(await served()).toBe(200)
    expect(asked).toMatchObject({ payments: 0, messages: 0 })
    expect(seen).toMatchObject([{ token: TOKEN }])
  })

  test('is not asked for with a token that has expired', async () => {
    const { served, seen, store } = await restarted({ interactive })
    const theirs = tokenWith({ sub: FIRST, exp: 1 })
    await store.update(`session/${ORIGIN}/${FIRST}`, () => ({ v: 1, jwt: theirs, exp: 1 }))
    await store.update(STORE_KEYS.session, () => ({ v: 1, jwt: TOKEN, exp: null }))
    expect(await served()).toBe(200)
    expect(seen).toMatchObject([{ token: TOKEN }])
  })

  test('is asked for where the token of the other is refused', async () => {
    const { served, asked, seen, store } = await restarted({ interactive })
    const theirs = tokenWith({ sub: FIRST })
    await store.update(`session/${ORIGIN}/${FIRST}`, () => ({ v: 1, jwt: theirs, exp: null }))
    expect(await served()).toBe(200)
    expect(asked.payments).toBe(0)
    expect(seen.flatMap(({ token }) => token ?? [])).toEqual([theirs, TOKEN])
  })

  test('is asked for, of both wallets and with one sign-in each, where neither has any left', async () => {
    const { served, gateway, seen, sent } = await restarted({ interactive, firstPaidAt: 9 })
    const theirs = tokenWith({ sub: FIRST })
    let signIns = 0
    gateway.auth = () => Response.json({ jwt: signIns++ === 0 ? theirs : TOKEN })
    gateway.bare = () => paymentRequired()
    expect(await served()).toBe(200)
    const tokens = seen.flatMap(({ token, payment }) => (payment ? [] : (token ?? [])))
    expect([...new Set(tokens)]).toEqual([theirs, TOKEN])
    expect(signIns).toBe(2)
    expect(sent().times).toBe(1)
  })
})
