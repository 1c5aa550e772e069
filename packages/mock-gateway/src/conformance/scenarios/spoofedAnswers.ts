import { askChat } from '../ask'
import type { Json } from '../offers'
import { base64, envelope, forgeJwt, SOLANA_STRANGER, STRANGER } from '../offers'
import type { Scenario } from '../Scenario'
import { challenge, goodOffer, isSignIn, originOf } from '../shop'
import type { Reply, Seen } from '../site'
import type { Stage } from '../stage'
import { paymentHeader } from '../till'

const part = (text: string) => Buffer.from(text).toString('base64url')

/** Tokens that must not be adopted, wherever they come from. */
const badTokens: Readonly<Record<string, () => unknown>> = {
  'of another EVM wallet': () => forgeJwt({ sub: STRANGER }),
  'of another EVM wallet in small letters': () => forgeJwt({ sub: STRANGER.toLowerCase() }),
  'of another EVM wallet by CAIP-10': () => forgeJwt({ sub: `eip155:8453:${STRANGER}` }),
  'of another EVM wallet by its DID': () => forgeJwt({ sub: `did:pkh:eip155:8453:${STRANGER}` }),
  'of another Solana wallet': () => forgeJwt({ sub: SOLANA_STRANGER }),
  'with the wallet of another': () => forgeJwt({ sub: 'tenant_1', wallet: STRANGER }),
  'with the address of another': () => forgeJwt({ sub: 'tenant_1', address: STRANGER }),
  'that has expired': () => forgeJwt({ exp: 1 }),
  'that expired a minute ago': () => forgeJwt({ exp: Math.floor(Date.now() / 1000) - 60 }),
  'that is an object': () => ({ token: forgeJwt() }),
  'that is a list': () => [forgeJwt()],
  'that is a number': () => 12_345_678,
  'that is true': () => true,
  'that is one word': () => 'q',
  'of two parts': () => forgeJwt().split('.').slice(0, 2).join('.'),
  'of four parts': () => `${forgeJwt()}.${part('more')}`,
  'with an empty part': () => `${part('{}')}..${part('x')}`,
  'with a space in it': () => forgeJwt().replace('.', '. '),
  'with a line break in it': () => `${forgeJwt()}\r\nx-evil: 1`,
  'with a comma in it': () => `${forgeJwt()}, Basic YTpi`,
  'beyond ASCII': () => `${forgeJwt()}é`,
  'over 4 KB': () => forgeJwt({ pad: 'x'.repeat(5_000) }),
}

/** Receipts that say nothing of our payment; each has a good token. */
const badReceipts: Readonly<Record<string, Json>> = {
  'that failed': { success: false },
  'that does not say whether it succeeded': { success: undefined },
  'that says "true"': { success: 'true' },
  'that says 1': { success: 1 },
  'that says a list of true': { success: [true] },
  'of another payer': { payer: STRANGER },
  'of a payer on another chain': { payer: SOLANA_STRANGER },
  'of another network': { network: 'eip155:1' },
}

/** Places where nobody promised a token. */
const strayPlaces: Readonly<Record<string, (jwt: string) => Exclude<Reply, string>>> = {
  'in the body of the answer': (jwt) => ({ body: JSON.stringify({ jwt }) }),
  'in Authorization': (jwt) => ({ headers: { authorization: `Bearer ${jwt}` } }),
  'in X-Auth-Token': (jwt) => ({ headers: { 'x-auth-token': jwt } }),
  'in a cookie': (jwt) => ({ headers: { 'set-cookie': `jwt=${jwt}; Path=/` } }),
  'in Authentication-Info': (jwt) => ({ headers: { 'authentication-info': `jwt=${jwt}` } }),
  'in a receipt that is a list': (jwt) => ({
    headers: { 'payment-response': base64([{ success: true, jwt }]) },
  }),
  'in a receipt in clear': (jwt) => ({
    headers: { 'payment-response': JSON.stringify({ success: true, jwt }) },
  }),
}

export const spoofedAnswers: readonly Scenario[] = [
  ...Object.entries(badTokens).map(([name, make]) =>
    attack(`a receipt with a token ${name}`, ['session'], (stage) =>
      afterPayment(stage, (receipt) => ({
        headers: { 'payment-response': base64({ ...receipt, jwt: make() }) },
      })),
    ),
  ),
  ...Object.entries(badReceipts).map(([name, changes]) =>
    attack(`a token in a receipt ${name}`, ['session'], (stage) =>
      afterPayment(stage, (receipt) => ({
        headers: { 'payment-response': base64({ ...receipt, ...changes, jwt: forgeJwt() }) },
      })),
    ),
  ),
  ...Object.entries(strayPlaces).map(([name, place]) =>
    attack(`a token ${name} after a payment`, ['session'], (stage) =>
      afterPayment(stage, () => place(forgeJwt())),
    ),
  ),
  ...[200, 201, 400, 401, 402, 403, 404, 429, 500].map((status) =>
    attack(`a receipt with status ${status} where nobody paid`, ['session'], async (stage) => {
      const jwt = forgeJwt()
      const payer = stage.wallets.evm.address
      const receipt = base64({
        success: true,
        transaction: '0x1',
        network: 'eip155:8453',
        payer,
        jwt,
      })
      const headers = { 'payment-response': receipt, 'retry-after': '0' }
      return adopts(stage, (seen) => (isSignIn(seen) ? undefined : { status, headers, body: '{}' }))
    }),
  ),
  attack('a token in the terms of a 402', ['session'], async (stage) => {
    const jwt = forgeJwt()
    const offer = await goodOffer(stage)
    return adopts(stage, (seen) => {
      if (isSignIn(seen)) return undefined
      if (paymentHeader(seen.headers)) return { body: 'served' }
      return challenge(envelope(originOf(seen), [offer], { jwt, extensions: { session: { jwt } } }))
    })
  }),
  attack('a receipt from the target of a redirect', ['session'], async (stage) => {
    const jwt = forgeJwt()
    const receipt = base64({ success: true, transaction: '0x1', network: 'eip155:8453', jwt })
    const thief = await stage.serve(() => ({ headers: { 'payment-response': receipt }, body: 'x' }))
    return adopts(stage, (seen) =>
      isSignIn(seen) ? undefined : { status: 307, headers: { location: `${thief.url}/` } },
    )
  }),
  attack('a token from the target of a redirected sign-in', ['sign-in'], async (stage) => {
    const body = JSON.stringify({ jwt: forgeJwt(), tenant_id: 't', key_id: 'k' })
    const thief = await stage.serve(() => ({ body }))
    return afterSignIn(stage, { status: 307, headers: { location: `${thief.url}/v1/x402/auth` } })
  }),
  ...Object.entries(badTokens).map(([name, make]) =>
    attack(`a sign-in that gives a token ${name}`, ['sign-in'], (stage) =>
      afterSignIn(stage, { body: JSON.stringify({ jwt: make(), tenant_id: 't', key_id: 'k' }) }),
    ),
  ),
  ...[400, 401, 402, 403, 404, 409, 500, 503].map((status) =>
    attack(`a token with status ${status} of a sign-in`, ['sign-in'], (stage) =>
      afterSignIn(stage, { status, body: JSON.stringify({ jwt: forgeJwt() }) }),
    ),
  ),
  ...Object.entries(strayPlaces)
    .filter(([name]) => !name.includes('body'))
    .map(([name, place]) =>
      attack(`a token ${name} of a sign-in`, ['sign-in'], (stage) =>
        afterSignIn(stage, { body: '{}', ...place(forgeJwt()) }),
      ),
    ),
]

function attack(name: string, needs: Scenario['needs'], run: Scenario['run']): Scenario {
  return { family: 'spoofed answers', kind: 'attack', name, needs, run }
}

/** Fails when a request carries a token. */
async function adopts(
  stage: Stage,
  answer: (seen: Seen) => Reply | undefined | Promise<Reply | undefined>,
): Promise<string | undefined> {
  const site = await stage.serve(answer)
  const fetch = await stage.payer(site.url)
  await askChat(fetch, site.url)
  await askChat(fetch, site.url)
  // No token of these gateways may be used, so that any that is carried is a spoofed one.
  const carriesToken = site.seen.some(
    ({ headers }) =>
      headers['x-evil'] !== undefined || /^bearer\s+\S/i.test(headers.authorization ?? ''),
  )
  return carriesToken ? 'it was adopted' : undefined
}

/** An honest sale, but for what `spoof` answers. */
async function afterPayment(
  stage: Stage,
  spoof: (receipt: Json) => Exclude<Reply, string>,
): Promise<string | undefined> {
  const offer = await goodOffer(stage)
  const payer = stage.wallets.evm.address
  const receipt = { success: true, transaction: '0x1', network: 'eip155:8453', payer }
  const reply = spoof(receipt)
  return adopts(stage, (seen) => {
    if (isSignIn(seen)) return undefined
    if (!paymentHeader(seen.headers)) return challenge(envelope(originOf(seen), [offer]))
    return { body: 'served', ...reply }
  })
}

/** A gateway where everything takes a token, and the sign-in answers `reply`. */
function afterSignIn(stage: Stage, reply: Reply): Promise<string | undefined> {
  return adopts(stage, (seen) => (isSignIn(seen) ? reply : { status: 401, body: '{}' }))
}
