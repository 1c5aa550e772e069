import { ask, askChat, PATH } from '../ask'
import type { Json } from '../offers'
import { envelope, envelopeV1, STRANGER } from '../offers'
import { noPayment, onlyTransfers, validFor } from '../oracles'
import type { Scenario } from '../Scenario'
import { challengeV1, goodOffer, hostileShop, hostileTerms, originOf } from '../shop'
import type { Stage } from '../stage'
import { changed, changedV1, foreign, lures, nibbles, times } from './evmOffers'

export const termsEvm: readonly Scenario[] = [
  ...Object.entries({ ...changed, ...nibbles, ...foreign }).map(([name, changes]) =>
    attack(name, async (stage) => {
      await callHostile(stage, (offer) => ({
        ...offer,
        ...(typeof changes === 'function'
          ? changes(stage.wallets.evm.address, String(offer.payTo))
          : changes),
      }))
      return noPayment(stage)
    }),
  ),
  ...Object.entries(times).map(([name, maxTimeoutSeconds]) =>
    attack(`a transfer that is valid for ${name}`, async (stage) => {
      await callHostile(stage, (offer) => ({ ...offer, maxTimeoutSeconds }))
      return validFor(stage, 3_700)
    }),
  ),
  ...Object.entries(lures).map(([name, extra]) =>
    attack(name, async (stage) => {
      const payTo = await callHostile(stage, (offer) => ({
        ...offer,
        extra: { name: 'USD Coin', version: '2', ...extra },
      }))
      return onlyTransfers(stage, payTo, 50_000n) ?? validFor(stage, 3_700)
    }),
  ),
  attack('an offer whose fields are in its __proto__', async (stage) => {
    const site = await hostileTerms(stage, async (origin) => {
      const offer = JSON.stringify(await goodOffer(stage))
      return JSON.stringify(envelope(origin, ['OFFER'])).replace(
        '"OFFER"',
        `{"__proto__":${offer}}`,
      )
    })
    await askChat(await stage.payer(site.url), site.url)
    return noPayment(stage)
  }),
  attack('a field that is stated twice, the second time for $99', async (stage) => {
    const site = await hostileTerms(stage, async (origin) => {
      const text = JSON.stringify(envelope(origin, [await goodOffer(stage)]))
      return text.replace('"amount":"50000"', '"amount":"50000","amount":"99000000"')
    })
    await askChat(await stage.payer(site.url), site.url)
    return noPayment(stage)
  }),
  attack('$0.95 to a stranger before $0.05 to the gateway', (stage) =>
    besideHonest(stage, (offer) => [{ ...offer, amount: '950000', payTo: STRANGER }, offer]),
  ),
  attack('bad offers of every kind around an honest one', (stage) =>
    besideHonest(stage, (offer) => {
      const own = stage.wallets.evm.address
      const bad: readonly Json[] = [
        { amount: '1', asset: STRANGER },
        { amount: '1', network: 'eip155:84532' },
        { amount: '1', payTo: own },
        { amount: '1', extra: { name: 'Permit All', version: '2' } },
        { amount: '1', scheme: 'permit' },
        { amount: '1', maxTimeoutSeconds: '60' },
        { amount: 1 },
      ]
      const spoilt = bad.map((changes) => ({ ...offer, ...changes }))
      return [...spoilt.slice(0, 4), offer, ...spoilt.slice(4)]
    }),
  ),
  attack('a testnet in version 1', (stage) =>
    versionOne(stage, (offer) => ({
      ...offer,
      network: 'base-sepolia',
      asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
      extra: { name: 'USDC', version: '2' },
    })),
  ),
  ...Object.entries(changedV1).map(([name, changes]) =>
    attack(name, (stage) => versionOne(stage, (offer) => ({ ...offer, ...changes })), ['v1']),
  ),
]

function attack(name: string, run: Scenario['run'], needs: Scenario['needs'] = ['evm']): Scenario {
  return { family: 'terms on EVM', kind: 'attack', name, needs, run }
}

/** Calls a shop whose one offer is changed; resolves to the honest payee. */
async function callHostile(stage: Stage, change: (offer: Json) => Json): Promise<string> {
  const offer = await goodOffer(stage)
  const site = await hostileTerms(stage, (origin) => envelope(origin, [change(offer)]))
  await askChat(await stage.payer(site.url), site.url)
  return String(offer.payTo)
}

/** Calls a shop with an honest offer among others: nothing but that one may be signed. */
async function besideHonest(stage: Stage, offers: (offer: Json) => readonly Json[]) {
  const offer = await goodOffer(stage)
  const site = await hostileTerms(stage, (origin) => envelope(origin, offers(offer)))
  await askChat(await stage.payer(site.url), site.url)
  const cheaper = stage.signed.find(
    (one) => one.kind === 'typed data' && String(one.typedData.message.value) !== '50000',
  )
  if (cheaper) return 'signed another offer than the honest one'
  return onlyTransfers(stage, String(offer.payTo), 50_000n) ?? validFor(stage, 3_700)
}

async function versionOne(stage: Stage, change: (offer: Json) => Json) {
  const honest = await goodOffer(stage)
  const site = await hostileShop(stage, (seen) => {
    const terms = envelopeV1(originOf(seen), [honest])
    const [offer] = terms.accepts as readonly Json[] // made so in the line above
    return challengeV1({ ...terms, accepts: [change(offer ?? {})] })
  })
  await ask(await stage.payer(site.url), `${site.url}${PATH}`)
  return noPayment(stage)
}
