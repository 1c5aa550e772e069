import { askChat, insist } from '../ask'
import type { Json } from '../offers'
import { envelope, SOLANA, SOLANA_STRANGER, STRANGER } from '../offers'
import { atMost } from '../oracles'
import type { Scenario } from '../Scenario'
import { challenge, goodOffer, hostileShop, originOf } from '../shop'
import type { Stage } from '../stage'
import { paymentHeader } from '../till'

/** How the terms of a later 402 differ from the first. */
const differences: Readonly<Record<string, Json>> = {
  'another payee': { payTo: STRANGER },
  'another payee in small letters': { payTo: STRANGER.toLowerCase() },
  'a price of $0.99': { amount: '990000' },
  'a token of its own': { asset: '0x1111111111111111111111111111111111111111' },
  'another network': {
    network: 'eip155:84532',
    asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
  },
  'another domain': { extra: { name: 'Permit All', version: '666' } },
  'another scheme': { scheme: 'permit' },
  'a time that is a text': { maxTimeoutSeconds: '60' },
  'another transfer method': {
    extra: { name: 'USD Coin', version: '2', assetTransferMethod: 'permit2' },
  },
}

/** What may follow a payment within one call: all of it is one need, which is paid once. */
const secondQuotes: Readonly<Record<string, Json>> = {
  ...differences,
  'the same terms': {},
  'a lower price': { amount: '10000' },
  'a higher price within $0.10': { amount: '100000' },
  'a longer time': { maxTimeoutSeconds: 600 },
}

export const laterTerms: readonly Scenario[] = [
  ...Object.entries(differences).map(([name, changes]) =>
    attack(`${name} on the second call`, ['evm'], async (stage) => {
      const offer = await goodOffer(stage)
      return afterOnePayment(stage, offer, { ...offer, ...changes })
    }),
  ),
  attack('another payee on the second call, on Solana', ['solana'], async (stage) => {
    const offer = await goodOffer(stage, SOLANA)
    return afterOnePayment(stage, offer, { ...offer, payTo: SOLANA_STRANGER })
  }),
  ...Object.entries(secondQuotes).map(([name, changes]) =>
    attack(`${name} after the payment of one call`, ['evm'], async (stage) => {
      const offer = await goodOffer(stage)
      const site = await stage.serve((seen) => {
        if (seen.path.startsWith('/v1/x402')) return undefined
        const paid = paymentHeader(seen.headers)
        const accepts = [paid ? { ...offer, ...changes } : offer]
        return challenge(envelope(originOf(seen), accepts))
      })
      await askChat(await stage.payer(site.url), site.url)
      return atMost(stage, 1)
    }),
  ),
  attack('402 for ever, from ten calls', ['evm'], async (stage) => {
    const offer = await goodOffer(stage)
    const site = await stage.serve((seen) => {
      if (seen.path.startsWith('/v1/x402')) return undefined
      return challenge(envelope(originOf(seen), [offer]))
    })
    await insist(await stage.payer(site.url), site.url, 10)
    return atMost(stage, 3)
  }),
]

function attack(name: string, needs: Scenario['needs'], run: Scenario['run']): Scenario {
  return { family: 'later 402s', kind: 'attack', name, needs, run }
}

/** One payment for `first` is in order; then the shop asks for `then`. */
async function afterOnePayment(stage: Stage, first: Json, then: Json) {
  let offer = first
  const site = await hostileShop(stage, (seen) => challenge(envelope(originOf(seen), [offer])))
  const fetch = await stage.payer(site.url)
  await askChat(fetch, site.url)
  offer = then
  await askChat(fetch, site.url)
  return atMost(stage, 1)
}
