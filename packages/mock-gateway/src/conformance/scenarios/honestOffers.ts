import { getCompiledTransactionMessageDecoder } from '@solana/kit'
import { askChat, isServed, tell } from '../ask'
import type { Json } from '../offers'
import { BASE, envelope, SOLANA, SOLANA_STRANGER } from '../offers'
import { payments } from '../oracles'
import type { Capability, Scenario } from '../Scenario'
import {
  challenge,
  challengeV1,
  goodOffer,
  honestShop,
  hostileShop,
  originOf,
  shopOf,
  shopOfV1,
} from '../shop'
import type { Site } from '../site'
import type { Stage } from '../stage'
import {
  challenges,
  DOMAIN,
  dresses,
  envelopes,
  neighbours,
  receipts,
  solanaDresses,
} from './dresses'

/** An account that no program has. */
const OTHER_FEE_PAYER = 'EwWqGE4ZFKLofuestmU4LDdK7XM1N4ALgdZccwYugwGd'

export const honestOffers: readonly Scenario[] = [
  ...Object.entries(dresses).map(([name, dress]) =>
    honest(name, ['evm'], async (stage) => {
      const offer = await goodOffer(stage)
      return paidOnce(stage, await shopOf(stage, [dress(offer)]))
    }),
  ),
  ...[1n, 10_000n, 100_000n].map((amount) =>
    honest(`an offer of ${amount} units`, ['evm'], async (stage) =>
      paidOnce(stage, await shopOf(stage, [await goodOffer(stage, BASE, amount)])),
    ),
  ),
  ...Object.entries(envelopes).map(([name, changes]) =>
    honest(name, ['evm'], async (stage) => {
      const offer = await goodOffer(stage)
      const ask = (origin: string) => challenge(envelope(origin, [offer], changes(origin)))
      return paidOnce(stage, await honestShop(stage, { ask }))
    }),
  ),
  ...Object.entries(neighbours).flatMap(([name, neighbour]) =>
    (['before', 'after'] as const).map((place) =>
      honest(`${name} ${place} a good one`, ['evm'], async (stage) => {
        const offer = await goodOffer(stage)
        const pair = [neighbour(offer), offer]
        return paidOnce(stage, await shopOf(stage, place === 'before' ? pair : pair.reverse()))
      }),
    ),
  ),
  // Before a good one it may be taken by who means to, and this shop's till does not take it.
  honest('an offer by Permit2 after a good one', ['evm'], async (stage) => {
    const offer = await goodOffer(stage)
    const permit2 = { ...offer, extra: { ...DOMAIN, assetTransferMethod: 'permit2' } }
    return paidOnce(stage, await shopOf(stage, [offer, permit2]))
  }),
  honest('every one of these beside a good one', ['evm'], async (stage) => {
    const offer = await goodOffer(stage)
    const others = Object.values(neighbours).map((neighbour) => neighbour(offer))
    return paidOnce(stage, await shopOf(stage, [...others.slice(0, 6), offer, ...others.slice(6)]))
  }),
  honest('16 offers', ['evm'], async (stage) => {
    const offer = await goodOffer(stage)
    const dear = Array.from({ length: 15 }, (_, at) => ({ ...offer, amount: `${at + 1}00000000` }))
    return paidOnce(stage, await shopOf(stage, [...dear, offer]))
  }),
  ...[0, 1, 2, 3, 4, 5].map((turn) =>
    honest(`four sizes, turned by ${turn}`, ['evm'], async (stage) => {
      const offers = await stage.till.offers(BASE)
      const all = [
        ...offers,
        { ...offers[0], amount: '2000000' },
        { ...offers[0], amount: '9000000' },
      ]
      return paidOnce(stage, await shopOf(stage, [...all.slice(turn), ...all.slice(0, turn)]))
    }),
  ),
  ...Object.entries(solanaDresses).map(([name, dress]) =>
    honest(`${name}, on Solana`, ['solana'], async (stage) => {
      const offer = await goodOffer(stage, SOLANA)
      return paidOnce(stage, await shopOf(stage, [{ ...offer, extra: dress(offer.extra as Json) }]))
    }),
  ),
  ...[1n, 100_000n].map((amount) =>
    honest(`an offer of ${amount} units, on Solana`, ['solana'], async (stage) =>
      paidOnce(stage, await shopOf(stage, [await goodOffer(stage, SOLANA, amount)])),
    ),
  ),
  honest('another token before a good one, on Solana', ['solana'], async (stage) => {
    const offer = await goodOffer(stage, SOLANA)
    return paidOnce(stage, await shopOf(stage, [{ ...offer, asset: SOLANA_STRANGER }, offer]))
  }),
  ...(['eip155', 'solana'] as const).map((first) =>
    honest(`both chains, ${first} first`, [['evm', 'solana']], async (stage) => {
      const pair = [await goodOffer(stage), await goodOffer(stage, SOLANA)]
      return paidOnce(stage, await shopOf(stage, first === 'eip155' ? pair : pair.reverse()))
    }),
  ),
  honest('an offer in version 1', ['v1'], async (stage) =>
    paidOnce(stage, await shopOfV1(stage, [await goodOffer(stage)])),
  ),
  honest('an offer in version 1 with an output schema', ['v1'], async (stage) => {
    const offer = { ...(await goodOffer(stage)), outputSchema: { output: { type: 'object' } } }
    return paidOnce(stage, await shopOfV1(stage, [offer]))
  }),
  honest('an offer in version 1 with unknown fields', ['v1'], async (stage) => {
    const offer = { ...(await goodOffer(stage)), tier: 'gold' }
    return paidOnce(stage, await shopOfV1(stage, [offer], { gateway: 'v7' }))
  }),
  honest('an offer in version 1 beside one too dear', ['v1'], async (stage) => {
    const offer = await goodOffer(stage)
    return paidOnce(stage, await shopOfV1(stage, [{ ...offer, amount: '9000000' }, offer]))
  }),
  honest('version 2 in the header and version 1 in the body', ['evm'], async (stage) => {
    const offer = await goodOffer(stage)
    const ask = (origin: string) => {
      const legacy = challengeV1({ x402Version: 1, error: 'payment required', accepts: [] })
      const body = typeof legacy === 'string' ? '' : legacy.body
      return challenge(envelope(origin, [offer]), body === undefined ? {} : { body })
    }
    return paidOnce(stage, await honestShop(stage, { ask }))
  }),
  ...Object.entries(challenges).map(([name, more]) =>
    honest(name, ['evm'], async (stage) => {
      const offer = await goodOffer(stage)
      const ask = (origin: string) => challenge(envelope(origin, [offer]), more)
      return paidOnce(stage, await honestShop(stage, { ask }))
    }),
  ),
  ...Object.entries(receipts).map(([name, headers]) =>
    honest(`${name} after a payment`, ['evm'], async (stage) => {
      const offer = await goodOffer(stage)
      const ask = (origin: string) => challenge(envelope(origin, [offer]))
      const serve = ({ jwt: _, ...receipt }: Json) => ({
        headers: headers(receipt),
        body: 'served',
      })
      return paidOnce(stage, await honestShop(stage, { ask, serve }))
    }),
  ),
  honest('three payments for three calls', ['evm'], async (stage) => {
    const site = await shopOf(stage, [await goodOffer(stage)])
    const fetch = await stage.payer(site.url)
    for (let i = 0; i < 3; i += 1) {
      const outcome = await askChat(fetch, site.url)
      if (!isServed(outcome)) return `call ${i + 1}: ${tell(outcome)}`
    }
    return payments(stage).length === 3 ? undefined : `${payments(stage).length} payments`
  }),
  honest('a payee in small letters on the second call', ['evm'], async (stage) => {
    let offer = await goodOffer(stage)
    const ask = (origin: string) => challenge(envelope(origin, [offer]))
    const site = await honestShop(stage, { ask })
    const fetch = await stage.payer(site.url)
    const first = await askChat(fetch, site.url)
    offer = { ...offer, payTo: String(offer.payTo).toLowerCase() }
    const second = await askChat(fetch, site.url)
    return isServed(first) && isServed(second) ? undefined : `${tell(first)}, ${tell(second)}`
  }),
  honest('fees paid by another account on the second call', ['solana'], async (stage) => {
    // A facilitator has several accounts, and names any of them.
    const offer = await goodOffer(stage, SOLANA)
    const first = offer.extra as Json // a good offer on Solana has one
    const extras = [first, { ...first, feePayer: OTHER_FEE_PAYER }]
    let extra = first
    const site = await hostileShop(stage, (seen) =>
      challenge(envelope(originOf(seen), [{ ...offer, extra }])),
    )
    const fetch = await stage.payer(site.url)
    for (extra of extras) {
      const outcome = await askChat(fetch, site.url)
      if (!isServed(outcome)) return tell(outcome)
    }
    const signed = payments(stage).map(feePayerOf)
    const named = extras.map(({ feePayer }) => feePayer)
    return signed.join() === named.join() ? undefined : `fees by ${signed.join(', ')}`
  }),
  honest('a lower price on the second call', ['evm'], async (stage) => {
    let amount = 100_000n
    const offers = await stage.till.offers(BASE)
    const site = await honestShop(stage, {
      ask: (origin) =>
        challenge(
          envelope(
            origin,
            offers.filter((offer) => offer.amount === `${amount}`),
          ),
        ),
    })
    const fetch = await stage.payer(site.url)
    const first = await askChat(fetch, site.url)
    amount = 10_000n
    const second = await askChat(fetch, site.url)
    return isServed(first) && isServed(second) ? undefined : `${tell(first)}, ${tell(second)}`
  }),
]

function honest(
  name: string,
  needs: readonly (Capability | readonly Capability[])[],
  run: Scenario['run'],
): Scenario {
  return { family: 'honest offers', kind: 'honest', name, needs, run }
}

async function paidOnce(stage: Stage, site: Site): Promise<string | undefined> {
  const outcome = await askChat(await stage.payer(site.url), site.url)
  if (!isServed(outcome)) return `was not served: ${tell(outcome)}`
  const made = payments(stage).length
  return made === 1 ? undefined : `signed ${made} payments`
}

function feePayerOf(one: Stage['signed'][number]): string {
  if (one.kind !== 'solana transaction') return one.kind
  const { staticAccounts } = getCompiledTransactionMessageDecoder().decode(one.message)
  return String(staticAccounts[0])
}
