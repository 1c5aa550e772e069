import { askChat, insist, isServed, tell } from '../ask'
import { envelope, SOLANA } from '../offers'
import { payments, validFor } from '../oracles'
import type { Scenario } from '../Scenario'
import { challenge, goodOffer, honestShop, hostileShop, originOf } from '../shop'

const HOUR = 3_600

/** Seconds that the gateway's clock is ahead of the payer's. */
const skews: Readonly<Record<string, number>> = {
  'a day slow': 24 * HOUR,
  'six hours slow': 6 * HOUR,
  'an hour slow': HOUR,
  'six minutes slow': 360,
  'a minute slow': 61,
  'a minute fast': -61,
  'six minutes fast': -360,
  'an hour fast': -HOUR,
  'six hours fast': -6 * HOUR,
  'a day fast': -24 * HOUR,
}

/** Dates that no clock shows. */
const lies: Readonly<Record<string, string>> = {
  'in ten years': new Date(Date.now() + 315_360_000_000).toUTCString(),
  'in a year': new Date(Date.now() + 31_536_000_000).toUTCString(),
  'in a week': new Date(Date.now() + 604_800_000).toUTCString(),
  'in two days': new Date(Date.now() + 172_800_000).toUTCString(),
  'in the year 9999': 'Fri, 31 Dec 9999 23:59:59 GMT',
  'in 1970': 'Thu, 01 Jan 1970 00:00:00 GMT',
  'in 1999': 'Fri, 31 Dec 1999 23:59:59 GMT',
}

/** Dates that say nothing. */
const blanks: Readonly<Record<string, string>> = {
  'a number': '99999999999999',
  'no date': 'tomorrow',
  empty: '',
}

export const clock: readonly Scenario[] = [
  ...Object.entries(skews).map(([name, seconds]) =>
    honest(`a payer whose clock is ${name} pays once and is served`, ['evm'], async (stage) => {
      const gateway = await stage.gateway({
        networks: ['eip155:8453'],
        clockSkew: seconds * 1_000,
        maxTimeoutSeconds: 60,
      })
      const outcome = await askChat(await stage.payer(gateway.url), gateway.url)
      if (!isServed(outcome)) return tell(outcome)
      return payments(stage).length === 1 ? undefined : `${payments(stage).length} payments`
    }),
  ),
  ...(['a day slow', 'a day fast'] as const).map((name) =>
    honest(`a payer whose clock is ${name} pays on Solana`, ['solana'], async (stage) => {
      const clockSkew = (skews[name] ?? 0) * 1_000
      const gateway = await stage.gateway({ networks: [SOLANA], clockSkew })
      const outcome = await askChat(await stage.payer(gateway.url), gateway.url)
      return isServed(outcome) ? undefined : tell(outcome)
    }),
  ),
  ...Object.entries(skews).map(([name, seconds]) =>
    honest(`a payer whose clock is ${name} signs in`, ['sign-in'], async (stage) => {
      const gateway = await stage.gateway({ clockSkew: seconds * 1_000 })
      const fetch = await stage.payer(gateway.url)
      await askChat(fetch, gateway.url)
      gateway.state.expireTokens()
      const outcome = await insist(fetch, gateway.url, 2)
      if (!isServed(outcome)) return tell(outcome)
      return payments(stage).length === 1 ? undefined : `${payments(stage).length} payments`
    }),
  ),
  ...Object.entries(blanks).map(([name, date]) =>
    honest(`a date that is ${name} keeps nobody from paying`, ['evm'], async (stage) => {
      const offer = await goodOffer(stage)
      const ask = (origin: string) => challenge(envelope(origin, [offer]), { headers: { date } })
      const site = await honestShop(stage, { ask })
      const outcome = await askChat(await stage.payer(site.url), site.url)
      return isServed(outcome) ? validFor(stage, 3_700) : tell(outcome)
    }),
  ),
  ...Object.entries(lies).map(
    ([name, date]): Scenario => ({
      family: 'clock',
      kind: 'attack',
      name: `a date ${name} makes no transfer valid for days`,
      needs: ['evm'],
      run: async (stage) => {
        const offer = await goodOffer(stage)
        const site = await hostileShop(stage, (seen) =>
          challenge(envelope(originOf(seen), [offer]), { headers: { date } }),
        )
        await insist(await stage.payer(site.url), site.url, 2)
        return validFor(stage, 26 * HOUR)
      },
    }),
  ),
]

function honest(name: string, needs: Scenario['needs'], run: Scenario['run']): Scenario {
  return { family: 'clock', kind: 'honest', name, needs, run }
}
