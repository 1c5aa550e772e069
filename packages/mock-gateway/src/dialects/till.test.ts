import { expect, test } from 'vitest'
import { BASE, evmPayer } from '../testing/officialClients'
import { paid } from '../testing/payments'
import { startGateway } from '../testing/startGateway'
import { signAgainst } from '../testing/terms'

test('a settlement that lands late is a sale, whether or not its signature comes again', async () => {
  const gateway = await startGateway({ dialects: ['x402'] })
  const url = `${gateway.url}/weather`
  gateway.faults.next('settle-late')
  await fetch(url, paid(await signAgainst(url, evmPayer()), {}))
  expect(gateway.state.sales).toEqual([])
  await gateway.state.advance({ blocks: 1 })
  expect(gateway.state.sales).toMatchObject([{ delivered: undefined, amount: 10_000n }])
})

test('whatever goes wrong, each atomic unit that moved is a sale, and no signature is two', async () => {
  const gateway = await startGateway({ dialects: ['x402', 'aixbt'], networks: [BASE] })
  const seed = 7
  gateway.faults.random(
    {
      '5xx-before': 0.1,
      'third-party-settles': 0.1,
      'drop-after-verify': 0.1,
      '5xx-after-verify': 0.1,
      'settle-late': 0.1,
      'drop-after-settle': 0.1,
      '402-after-settle': 0.1,
      'receipt-lost': 0.1,
      'truncate-body': 0.1,
    },
    seed,
  )
  const shops = [
    { url: `${gateway.urls.x402}/weather`, init: {} },
    { url: `${gateway.urls.aixbt}/x402/v2/api-keys/1d`, init: { method: 'POST' } },
  ]
  const before = await gateway.state.balanceOf(BASE, evmPayer().account.address)
  const statuses: (number | 'lost')[] = []
  const buy = async ({ url, init }: (typeof shops)[number]) => {
    const payer = evmPayer()
    const send = async (payment: unknown) => {
      const answer = await fetch(url, paid(payment, init)).catch(() => undefined)
      await answer?.text()
      statuses.push(answer?.status ?? 'lost')
    }
    const payment = await signAgainst(url, payer, { init }).catch(() => undefined)
    // A client that lost an answer sends the same payment again, and again.
    for (let tries = 0; payment && tries < 3; tries += 1) await send(payment)
    return payer.account.address
  }
  const crowd = shops.flatMap((shop) => Array.from({ length: 30 }, () => buy(shop)))
  const payers = await Promise.all(crowd)
  await gateway.state.advance({ blocks: 1 })
  const { sales } = gateway.state
  for (const seen of [200, 201, 402, 'lost']) expect(statuses).toContain(seen)
  expect(new Set(sales.map(({ nonce }) => nonce)).size).toBe(sales.length)
  for (const payer of payers) {
    const bought = sales.filter((sale) => sale.payer === payer)
    expect(bought.length).toBeLessThanOrEqual(1)
    expect(before - (await gateway.state.balanceOf(BASE, payer))).toBe(bought[0]?.amount ?? 0n)
  }
  const taken = sales.reduce((sum, { amount }) => sum + amount, 0n)
  expect(await gateway.state.balanceOf(BASE, sales[0]?.payTo ?? '')).toBe(taken)
})
