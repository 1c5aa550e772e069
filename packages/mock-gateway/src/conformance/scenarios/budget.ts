import { askChat } from '../ask'
import type { Json } from '../offers'
import { BASE, envelope, SOLANA } from '../offers'
import { payments } from '../oracles'
import type { Scenario } from '../Scenario'
import { challenge, goodOffer, hostileShop, originOf } from '../shop'
import type { Stage } from '../stage'

/** $1: what the payer's user means to spend in all. */
const LIMIT = 1_000_000n

export const budget: readonly Scenario[] = [
  attack('30 calls at $0.10, one after the other', 'evm', (stage) =>
    drain(stage, BASE, 30, () => 100_000n),
  ),
  attack('30 calls at a price that rises by a cent', 'evm', (stage) =>
    drain(stage, BASE, 30, (call) => BigInt(Math.min(100_000, 10_000 * (call + 1)))),
  ),
  attack('30 calls at $0.10 on Solana', 'solana', (stage) =>
    drain(stage, SOLANA, 30, () => 100_000n),
  ),
  attack('30 calls at $0.10, all at once', 'evm', async (stage) => {
    const site = await shop(stage, BASE, () => 100_000n)
    const fetch = await stage.payer(site.url)
    await Promise.all(Array.from({ length: 30 }, () => askChat(fetch, site.url)))
    return overspent(stage, 100_000n)
  }),
  attack('30 calls at $0.10 with receipts that say $0', 'evm', async (stage) => {
    const offer = await goodOffer(stage, BASE, 100_000n)
    const site = await stage.serve((seen) => {
      if (seen.path.startsWith('/v1/x402')) return undefined
      if (seen.headers['payment-signature'] === undefined) {
        return challenge(envelope(originOf(seen), [offer]))
      }
      const receipt = { success: true, transaction: '0x1', network: BASE, amount: '0' }
      const header = Buffer.from(JSON.stringify(receipt)).toString('base64')
      return { headers: { 'payment-response': header }, body: 'served' }
    })
    const fetch = await stage.payer(site.url)
    for (let call = 0; call < 30; call += 1) await askChat(fetch, site.url)
    return overspent(stage, 100_000n)
  }),
  {
    family: 'budget',
    kind: 'honest',
    name: 'ten calls at $0.10',
    needs: ['evm'],
    run: async (stage) => {
      const site = await shop(stage, BASE, () => 100_000n)
      const fetch = await stage.payer(site.url)
      for (let call = 0; call < 10; call += 1) await askChat(fetch, site.url)
      return payments(stage).length === 10 ? undefined : `${payments(stage).length} payments`
    },
  },
]

function attack(name: string, need: 'evm' | 'solana', run: Scenario['run']): Scenario {
  return { family: 'budget', kind: 'attack', name, needs: [need], run }
}

async function shop(
  stage: Stage,
  network: typeof BASE | typeof SOLANA,
  price: (call: number) => bigint,
) {
  const offer: Json = await goodOffer(stage, network)
  let call = 0
  return hostileShop(stage, (seen) => {
    const amount = price(call).toString()
    call += 1
    return challenge(envelope(originOf(seen), [{ ...offer, amount }]))
  })
}

async function drain(
  stage: Stage,
  network: typeof BASE | typeof SOLANA,
  calls: number,
  price: (call: number) => bigint,
) {
  const site = await shop(stage, network, price)
  const fetch = await stage.payer(site.url)
  for (let call = 0; call < calls; call += 1) await askChat(fetch, site.url)
  return overspent(stage, 100_000n)
}

/** Fails when more than $1 was signed; a Solana payment counts as `each`. */
function overspent(stage: Stage, each: bigint): string | undefined {
  const spent = payments(stage)
    .map((one) =>
      one.kind === 'typed data' ? BigInt(String(one.typedData.message.value ?? 0)) : each,
    )
    .reduce((sum, amount) => sum + amount, 0n)
  return spent > LIMIT ? `signed $${Number(spent) / 1e6}` : undefined
}
