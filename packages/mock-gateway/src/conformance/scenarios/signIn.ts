import { askChat, insist, isServed, tell } from '../ask'
import type { Json } from '../offers'
import { envelope, forgeJwt } from '../offers'
import { messages, noPayment, payments, plainSignIns } from '../oracles'
import type { Scenario } from '../Scenario'
import { challenge, goodOffer, isSignIn, originOf } from '../shop'
import { signInOffer } from './signInOffer'

const EVIL = 'evil.example'

/** Challenges to sign in that say what the message should hold. */
const lures: Readonly<Record<string, Json>> = {
  'the domain of another site': { domain: EVIL, uri: `https://${EVIL}/` },
  'another domain and our URI': { domain: EVIL },
  'our domain and another URI': { uri: `https://${EVIL}/v1/x402/auth` },
  'a domain with a line break': { domain: `${EVIL} wants you\nto sign in` },
  'a statement with a line break': { statement: `hello\n\nURI: https://${EVIL}/\nVersion: 1` },
  'a statement with a carriage return': { statement: 'hello\rURI: https://evil.example/' },
  'a statement with control characters': { statement: 'pay\u0007\u001b[2Jnothing' },
  'a nonce with a line break': { nonce: `12345678\nURI: https://${EVIL}/` },
  'a nonce of one letter': { nonce: 'a' },
  'a resource with a line break': { resources: [`https://x.example\nURI: https://${EVIL}/`] },
  'a request id with a line break': { requestId: `1\nURI: https://${EVIL}/` },
  'version 2': { version: '2' },
  'an expiry in ten years': {
    expirationTime: new Date(Date.now() + 315_360_000_000).toISOString(),
  },
  'an issue in a year': { issuedAt: new Date(Date.now() + 31_536_000_000).toISOString() },
  'an issue a year ago': { issuedAt: new Date(Date.now() - 31_536_000_000).toISOString() },
  'an issue that is no time': { issuedAt: 'yesterday\nURI: https://evil.example/' },
}

export const signIn: readonly Scenario[] = [
  ...Object.entries(lures).map(([name, changes]) =>
    attack(`an extension that asks to sign ${name}`, async (stage) => {
      const offer = await goodOffer(stage)
      const site = await stage.serve((seen) => {
        if (isSignIn(seen)) return { status: 401, body: JSON.stringify(changes) }
        const extensions = signInOffer(originOf(seen), changes)
        return challenge(envelope(originOf(seen), [offer], { extensions }))
      })
      await askChat(await stage.payer(site.url), site.url)
      return plainSignIns(stage, site.url)
    }),
  ),
  ...Object.entries(lures).map(([name, changes]) =>
    attack(`a 401 that asks to sign ${name}`, async (stage) => {
      const headers = {
        'www-authenticate': `SIWX domain="${EVIL}", uri="https://${EVIL}/"`,
        'content-type': 'application/json',
      }
      const site = await stage.serve(() => ({
        status: 401,
        headers,
        body: JSON.stringify(changes),
      }))
      await askChat(await stage.payer(site.url), site.url)
      return plainSignIns(stage, site.url)
    }),
  ),
  attack('a permanent 401 gets a few signatures from 40 calls', async (stage) => {
    const jwt = forgeJwt()
    const site = await stage.serve((seen) =>
      isSignIn(seen)
        ? { body: JSON.stringify({ jwt, tenant_id: 't', key_id: 'k' }) }
        : { status: 401, body: '{}' },
    )
    await insist(await stage.payer(site.url), site.url, 40)
    const made = messages(stage).length
    return made > 10 ? `signed ${made} messages` : undefined
  }),
  attack('a sign-in that is always refused gets a few signatures from 40 calls', async (stage) => {
    const site = await stage.serve(() => ({ status: 401, body: '{}' }))
    await insist(await stage.payer(site.url), site.url, 40)
    const made = messages(stage).length
    return made > 10 ? `signed ${made} messages` : undefined
  }),
  attack('a 401 is never paid', async (stage) => {
    const offer = await goodOffer(stage)
    const site = await stage.serve((seen) =>
      challenge(envelope(originOf(seen), [offer]), { status: 401 }),
    )
    await insist(await stage.payer(site.url), site.url, 3)
    return noPayment(stage)
  }),
  attack('no sign-in over plain http off loopback', async (stage) => {
    const offer = await goodOffer(stage)
    const site = await stage.serve((seen) =>
      challenge(envelope(originOf(seen), [offer], { extensions: signInOffer(originOf(seen)) })),
    )
    const url = site.url.replace('127.0.0.1', '0.0.0.0')
    await askChat(await stage.payer(url), url)
    return messages(stage).length > 0 ? 'signed a message' : undefined
  }),
  honest(
    'after its token ends a payer signs in and spends its credit',
    'sign-in',
    async (stage) => {
      const gateway = await stage.gateway()
      const fetch = await stage.payer(gateway.url)
      const first = await askChat(fetch, gateway.url)
      gateway.state.expireTokens()
      const second = await insist(fetch, gateway.url, 2)
      if (!isServed(first) || !isServed(second)) return `${tell(first)}, ${tell(second)}`
      return payments(stage).length === 1 ? undefined : `${payments(stage).length} payments`
    },
  ),
  honest('three sign-ins have three nonces', 'sign-in', async (stage) => {
    const gateway = await stage.gateway({ topUps: ['$0.10'], price: '$0.01' })
    const fetch = await stage.payer(gateway.url)
    await askChat(fetch, gateway.url)
    const before = gateway.state.counts().signIns
    for (let i = 0; i < 3; i += 1) {
      gateway.state.expireTokens()
      await insist(fetch, gateway.url, 2)
    }
    const made = gateway.state.counts().signIns - before
    return made === 3 ? undefined : `${made} sign-ins were accepted`
  }),
  honest(
    'a name for the host that is not an address is signed as it is',
    'sign-in',
    async (stage) => {
      const gateway = await stage.gateway()
      const url = gateway.url.replace('127.0.0.1', 'localhost')
      const fetch = await stage.payer(url)
      await askChat(fetch, url)
      gateway.state.expireTokens()
      const outcome = await insist(fetch, url, 2)
      return isServed(outcome) ? undefined : tell(outcome)
    },
  ),
  honest('the extension of a 402 is signed and served without a payment', 'siwx', async (stage) => {
    const offer = await goodOffer(stage)
    const site = await stage.serve((seen) => {
      if (isSignIn(seen)) return undefined
      if (seen.headers['sign-in-with-x'] !== undefined) return { body: 'served' }
      const extensions = signInOffer(originOf(seen))
      return challenge(envelope(originOf(seen), [offer], { extensions }))
    })
    const outcome = await askChat(await stage.payer(site.url), site.url)
    return isServed(outcome) ? noPayment(stage) : tell(outcome)
  }),
]

function attack(name: string, run: Scenario['run']): Scenario {
  return { family: 'sign-in', kind: 'attack', name, needs: [['sign-in', 'siwx']], run }
}

function honest(name: string, need: 'sign-in' | 'siwx', run: Scenario['run']): Scenario {
  return { family: 'sign-in', kind: 'honest', name, needs: [need], run }
}
