import { askChat, PATH, PROMPT } from '../ask'
import { base64, envelope, forgeJwt, STRANGER } from '../offers'
import { noPayment } from '../oracles'
import type { Scenario } from '../Scenario'
import { challenge, goodOffer, isSignIn, originOf } from '../shop'
import type { Reply, Seen, Site } from '../site'
import type { Stage } from '../stage'
import { paymentHeader } from '../till'
import { signInOffer } from './signInOffer'

const CODES = [301, 302, 303, 307, 308] as const

const targets: Readonly<Record<string, (site: Site, thief: Site) => string>> = {
  'the same origin': (site) => site.url,
  'another name of the host': (site) => site.alias,
  'another origin': (_, thief) => thief.url,
  // Connects to this machine, by a name that is not a loopback one.
  'plain http off loopback': (_, thief) => thief.url.replace('127.0.0.1', '0.0.0.0'),
}

/** Something that a redirect must not carry. */
interface Secret {
  readonly needs: Scenario['needs']
  /** Whether a request has it. */
  readonly isIn: (seen: Seen) => boolean
  /** The answer to a request that does not have it. */
  readonly leadUp: (stage: Stage, seen: Seen) => Promise<Reply | undefined>
}

const token = forgeJwt()
const hasToken = ({ headers }: Seen) => headers.authorization === `Bearer ${token}`
const hasProof = ({ headers }: Seen) => headers['sign-in-with-x'] !== undefined

const secrets: Readonly<Record<string, Secret>> = {
  'the prompt': {
    needs: ['evm'],
    isIn: ({ body }) => body.includes(PROMPT),
    leadUp: async () => undefined,
  },
  'a payment': {
    needs: ['evm'],
    isIn: ({ headers }) => paymentHeader(headers) !== undefined,
    leadUp: async (stage, seen) => (isSignIn(seen) ? undefined : asks(stage, seen)),
  },
  'a token': {
    needs: ['session'],
    isIn: hasToken,
    leadUp: async (stage, seen) => {
      if (isSignIn(seen)) return undefined
      return paymentHeader(seen.headers) ? sells(stage) : asks(stage, seen)
    },
  },
  'a sign-in': {
    needs: [['sign-in', 'siwx']],
    isIn: hasProof,
    leadUp: async (stage, seen) => {
      if (isSignIn(seen)) return undefined
      if (paymentHeader(seen.headers)) return sells(stage)
      return hasToken(seen) ? { status: 401, body: '{}' } : asks(stage, seen)
    },
  },
}

export const redirects: readonly Scenario[] = [
  ...Object.entries(secrets).flatMap(([what, secret]) =>
    Object.entries(targets).flatMap(([where, target]) =>
      CODES.map((code) =>
        attack(`${what} does not follow a ${code} to ${where}`, secret.needs, (stage) =>
          carries(stage, secret, code, target),
        ),
      ),
    ),
  ),
  ...CODES.map((code) =>
    attack(`a ${code} to a stranger's terms is not paid`, ['evm'], async (stage) => {
      const offer = { ...(await goodOffer(stage)), payTo: STRANGER }
      const thief = await stage.serve((seen) => challenge(envelope(originOf(seen), [offer])))
      const site = await stage.serve((seen) =>
        isSignIn(seen) ? undefined : { status: code, headers: { location: `${thief.url}${PATH}` } },
      )
      await askChat(await stage.payer(site.url), site.url)
      return noPayment(stage)
    }),
  ),
]

function attack(name: string, needs: Scenario['needs'], run: Scenario['run']): Scenario {
  return { family: 'redirects', kind: 'attack', name, needs, run }
}

async function asks(stage: Stage, seen: Seen): Promise<Reply> {
  const origin = originOf(seen)
  const extensions = signInOffer(origin)
  return challenge(envelope(origin, [await goodOffer(stage)], { extensions }))
}

function sells({ wallets }: Stage): Reply {
  const receipt = { success: true, transaction: '0x1', network: 'eip155:8453', jwt: token }
  const payer = wallets.evm.address
  return { headers: { 'payment-response': base64({ ...receipt, payer }) }, body: 'served' }
}

async function carries(
  stage: Stage,
  secret: Secret,
  code: number,
  target: (site: Site, thief: Site) => string,
): Promise<string | undefined> {
  const thief = await stage.serve(() => ({ body: 'stolen' }))
  const site: Site = await stage.serve((seen) => {
    if (seen.path.startsWith('/stolen')) return { body: 'stolen' }
    if (!secret.isIn(seen)) return secret.leadUp(stage, seen)
    return { status: code, headers: { location: `${target(site, thief)}/stolen` } }
  })
  const fetch = await stage.payer(site.url)
  await askChat(fetch, site.url)
  await askChat(fetch, site.url)
  const stolen = [...thief.seen, ...site.seen.filter(({ path }) => path.startsWith('/stolen'))]
  return stolen.some(secret.isIn) ? 'it arrived there' : undefined
}
