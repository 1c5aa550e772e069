import { ask, askChat, isServed, PATH } from '../ask'
import { base64, envelope, forgeJwt, STRANGER } from '../offers'
import { noPayment, payments } from '../oracles'
import type { Scenario } from '../Scenario'
import { challenge, goodOffer, isSignIn, originOf } from '../shop'
import type { Site } from '../site'
import { paymentHeader } from '../till'

/** Addresses that are not of the site the payer was made for. */
const elsewhere: Readonly<Record<string, (site: Site, thief: Site) => string>> = {
  'another port': (_, thief) => `${thief.url}${PATH}`,
  'another name of another host': (_, thief) => `${thief.alias}${PATH}`,
  'another name of the host': (site) => `${site.alias}${PATH}`,
  'a host that has ours as user': (site, thief) =>
    `http://${new URL(site.url).host.replace(':', '%3A')}@${new URL(thief.url).host}${PATH}`,
  'a host with backslashes': (_, thief) => `http:\\\\${new URL(thief.url).host}${PATH}`,
  'a host in capitals': (_, thief) => `HTTP://${new URL(thief.alias).host.toUpperCase()}${PATH}`,
  'a host as one number': (_, thief) => `${thief.url.replace('127.0.0.1', '2130706433')}${PATH}`,
  'a host in hex': (_, thief) => `${thief.url.replace('127.0.0.1', '0x7f000001')}${PATH}`,
  'plain http off loopback': (_, thief) => `${thief.url.replace('127.0.0.1', '0.0.0.0')}${PATH}`,
}

export const origins: readonly Scenario[] = [
  ...Object.entries(elsewhere).map(([name, address]) =>
    attack(`terms at ${name} are not paid`, ['evm'], async (stage) => {
      const offer = { ...(await goodOffer(stage)), payTo: STRANGER }
      const thief = await stage.serve((seen) => challenge(envelope(originOf(seen), [offer])))
      const site = await stage.serve((seen) =>
        isSignIn(seen) ? undefined : challenge(envelope(originOf(seen), [offer])),
      )
      await ask(await stage.payer(site.url), address(site, thief))
      return noPayment(stage)
    }),
  ),
  ...Object.entries(elsewhere).map(([name, address]) =>
    attack(`a token does not go to ${name}`, ['session'], async (stage) => {
      const offer = await goodOffer(stage)
      const jwt = forgeJwt()
      const payer = stage.wallets.evm.address
      const receipt = base64({
        success: true,
        transaction: '0x1',
        network: 'eip155:8453',
        payer,
        jwt,
      })
      const thief = await stage.serve(() => ({ body: 'stolen' }))
      const site = await stage.serve((seen) => {
        if (isSignIn(seen)) return undefined
        if (!paymentHeader(seen.headers)) return challenge(envelope(originOf(seen), [offer]))
        return { headers: { 'payment-response': receipt }, body: 'served' }
      })
      const fetch = await stage.payer(site.url)
      await askChat(fetch, site.url)
      await ask(fetch, address(site, thief))
      const host = new URL(site.url).host
      const strangers = [...thief.seen, ...site.seen.filter((seen) => seen.host !== host)]
      return strangers.some(({ headers }) => headers.authorization?.includes(jwt))
        ? 'it arrived there'
        : undefined
    }),
  ),
  attack('nothing is paid over plain http off loopback', ['evm'], async (stage) => {
    const offer = await goodOffer(stage)
    const site = await stage.serve((seen) => challenge(envelope(originOf(seen), [offer])))
    const url = site.url.replace('127.0.0.1', '0.0.0.0')
    await askChat(await stage.payer(url), url)
    return noPayment(stage)
  }),
  {
    family: 'origins',
    kind: 'honest',
    name: 'a site by its name is paid',
    needs: ['evm'],
    run: async (stage) => {
      const offer = await goodOffer(stage)
      const site = await stage.serve((seen) => {
        if (isSignIn(seen)) return undefined
        if (paymentHeader(seen.headers)) return { body: 'served' }
        return challenge(envelope(originOf(seen), [offer]))
      })
      const outcome = await askChat(await stage.payer(site.alias), site.alias)
      return isServed(outcome) && payments(stage).length === 1 ? undefined : 'it was not'
    },
  },
]

function attack(name: string, needs: Scenario['needs'], run: Scenario['run']): Scenario {
  return { family: 'origins', kind: 'attack', name, needs, run }
}
