import { chatCompletion } from '../../packages/sdk/src/api/chat'
import { NOT_YET_SENT } from '../../packages/sdk/src/exchange'
import type { Chance } from '../simulation/Chance'
import { START } from '../support/virtualRuntime'
import type { Area } from './Case'
import { createSubject, endOf, faultsOf, type Sent } from './client'
import { BASE, evm, evmOffer, solana, URL_OF_CHAT } from './honest'
import {
  type Dictionary,
  headerSafe,
  mutateBytes,
  mutateJson,
  mutateText,
  writeBase64,
  writeJson,
} from './mutate'
import { mayAdopt, readBase64, readMembers } from './oracle'
import { REQUEST } from './terms'

const NOW = START / 1000
const STRANGER = `0x${'2'.repeat(40)}`

const part = (value: unknown) => Buffer.from(JSON.stringify(value) ?? '').toString('base64url')
const jwtOf = (claims: unknown) => `${part({ alg: 'HS256' })}.${part(claims)}.${part('signature')}`

const SUBJECTS = [
  evm.address,
  evm.address.toLowerCase(),
  `eip155:8453:${evm.address}`,
  `did:pkh:eip155:8453:${evm.address}`,
  STRANGER,
  `eip155:8453:${STRANGER}`,
  solana.address,
  'tenant_1',
  '',
]
const CLAIMS: Dictionary = {
  sub: SUBJECTS,
  wallet: SUBJECTS,
  address: SUBJECTS,
  wallet_address: SUBJECTS,
  exp: [NOW + 3600, NOW + 1, NOW, NOW - 1, 0, -1, `${NOW + 3600}`, 1e300, NOW + 0.5, null],
}

/** A JWT, honest or not. */
function drawToken(chance: Chance): unknown {
  const honest = chance.pick<object>(
    { sub: evm.address, exp: NOW + 3600 },
    { exp: NOW + 3600 },
    { tenant: 't' },
  )
  const claims = mutateJson(chance, honest, CLAIMS, chance.pick(0, 1, 1, 2))
  const jwt = jwtOf(claims)
  if (chance.happens(0.7)) return jwt
  return chance.pick<() => unknown>(
    () => mutateText(chance, jwt),
    () => mutateText(chance, mutateText(chance, jwt)),
    () => jwtOf({ ...honest, pad: 'x'.repeat(chance.pick(2_900, 3_000, 5_000)) }),
    () => `${jwt}\r\nx: y`,
    () => `${jwt}.${jwt}`,
    () => [jwt],
    () => ({ jwt }),
    () => 'q',
    () => `${'!'.repeat(20)}.a.b`,
  )()
}

/** PAYMENT-RESPONSE receipts, and the tokens in them. */
export const receipts: Area = {
  name: 'PAYMENT-RESPONSE receipt',
  share: 8,
  draw: (chance) => {
    const honest = {
      success: true,
      transaction: '0xabc',
      network: BASE,
      payer: evm.address,
      jwt: drawToken(chance),
    }
    const dictionary = {
      success: [true, false, 'true', 1, null],
      network: [BASE, 'base', '', 'eip155:1', 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp', ':'],
      payer: [evm.address, evm.address.toLowerCase(), STRANGER, solana.address, '', null],
      errorReason: ['insufficient_funds', 'nonce_already_used', 'x'.repeat(500), 'a\nb'],
      jwt: [drawToken(chance), drawToken(chance)],
    }
    const value = mutateJson(chance, honest, dictionary, chance.pick(0, 1, 1, 2, 3))
    const json = new TextEncoder().encode(writeJson(chance, value))
    const bytes = chance.happens(0.2) ? mutateBytes(chance, json) : json
    const header = headerSafe(writeBase64(chance, bytes))
    const name = chance.pick('payment-response', 'payment-response', 'x-payment-response')
    const status = chance.pick(200, 200, 200, 200, 201, 402, 402, 500, 429, 302, 401, 404)
    const isOnBare = chance.happens(0.05)
    const served = chance.happens(0.5)
    const terms = Buffer.from(
      JSON.stringify({ x402Version: 2, resource: { url: URL_OF_CHAT }, accepts: [evmOffer] }),
    ).toString('base64')

    let paid = false
    const answer = ({ payment, path, authorization }: Sent): Response => {
      const receipt = { [name]: header }
      if (path === '/after') return Response.json({})
      if (isOnBare) return Response.json({ choices: [] }, { headers: receipt })
      if (payment !== undefined && !paid) {
        paid = true
        return new Response('{"choices":[]}', { status, headers: receipt })
      }
      if (served && (payment !== undefined || authorization !== null)) {
        return Response.json({ choices: [] })
      }
      return new Response(null, { status: 402, headers: { 'payment-required': terms } })
    }
    const signIn = 'never' as const
    const subject = createSubject([evm], { signIn }, answer)
    const { connection, sent, runtime } = subject
    const adopted = () =>
      sent.findLast(({ authorization }) => authorization !== null)?.authorization
    const text = header.length > 22_000 ? undefined : readBase64(header)
    const jwt = isOnBare ? undefined : tokenIn(text, evm.address)
    return {
      shown: { name, header, status, isOnBare, served },
      conforms: jwt !== undefined,
      act: async () => {
        const ended = await endOf(subject, () => chatCompletion(connection, REQUEST))
        await runtime.run(after(subject))
        return ended
      },
      judge: (ended) => {
        const faults = faultsOf(ended)
        const carried = adopted()
        if (carried !== undefined && carried !== `Bearer ${jwt}`) faults.push('adopted a token')
        if (jwt !== undefined && status === 200 && carried === undefined) {
          faults.push('did not adopt the token it bought')
        }
        if (ended.signatures !== (isOnBare ? 0 : 1)) faults.push(`${ended.signatures} signatures`)
        if (!isOnBare && ended.outcome !== 'answer') {
          const { fundsMoved } = ended.thrown as { fundsMoved: string } // checked by faultsOf
          if (fundsMoved === 'no') faults.push('says that nothing moved while a payment is out')
        }
        return faults
      },
    }
  },
}

/** One request more, so that the token the client has by now shows. */
async function after({ connection }: ReturnType<typeof createSubject>): Promise<void> {
  const { base, send, timeout } = connection
  const exchange = {
    url: `${base.url}/after`,
    method: 'GET',
    headers: new Headers(),
    body: undefined,
    init: undefined,
    signal: undefined,
    timeout,
    ...NOT_YET_SENT,
  }
  await send(exchange)
}

/** The token of a receipt that may be adopted. */
function tokenIn(text: string | undefined, address: string): string | undefined {
  const receipt = text === undefined ? undefined : readMembers(text)
  if (receipt?.success !== true) return undefined
  const { payer, network, jwt } = receipt
  const strings = ['payer', 'network', 'transaction', 'errorReason']
  for (const name of strings) {
    const stated = receipt[name]
    if (stated !== undefined && stated !== null && typeof stated !== 'string') return undefined
  }
  const isOther = typeof payer === 'string' && payer !== '' && spelt(payer) !== spelt(address)
  if (isOther) return undefined
  if (typeof network === 'string' && network.includes(':') && network !== BASE) return undefined
  return mayAdopt(jwt, address, NOW) ? jwt : undefined
}

// Hex of either case is one address; 0X is no prefix of one.
const spelt = (address: string) => address.replace(/^0x.*$/, (hex) => hex.toLowerCase())

/** Answers to a sign-in. */
export const signIns: Area = {
  name: 'answer to a sign-in',
  share: 6,
  draw: (chance) => {
    const honest = { jwt: drawToken(chance), tenant_id: 't', key_id: 'k' }
    const value = mutateJson(chance, honest, { jwt: [drawToken(chance)] }, chance.pick(0, 0, 1, 2))
    const json = new TextEncoder().encode(writeJson(chance, value))
    const bytes = chance.happens(0.2) ? mutateBytes(chance, json) : json
    const status = chance.pick(200, 200, 200, 200, 200, 204, 302, 400, 401, 404, 429, 500)
    const subject = createSubject([evm], { signIn: 'auto' }, ({ path }) =>
      path === '/v1/x402/auth'
        ? new Response(status === 204 ? null : Buffer.from(bytes), { status })
        : Response.json({ choices: [] }),
    )
    const { jwt } = readMembers(new TextDecoder().decode(bytes)) ?? {}
    const isGood = status === 200 && mayAdopt(jwt, evm.address, NOW)
    return {
      shown: { status, body: new TextDecoder().decode(bytes) },
      conforms: isGood,
      act: () => endOf(subject, () => chatCompletion(subject.connection, REQUEST)),
      judge: (ended) => {
        const faults = faultsOf(ended)
        const carried = subject.sent.at(-1)?.authorization ?? null
        if (carried !== (isGood ? `Bearer ${jwt}` : null)) faults.push(`carries ${carried}`)
        if (ended.signatures > 0) faults.push('paid for a sign-in')
        return faults
      },
    }
  },
}
