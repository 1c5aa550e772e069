import { inspect } from 'node:util'
import type { Outcome } from '../ask'
import { askChat, PROMPT } from '../ask'
import { base64, envelope, forgeJwt } from '../offers'
import type { Scenario } from '../Scenario'
import { challenge, goodOffer, isSignIn, originOf } from '../shop'
import type { Reply, Seen } from '../site'
import type { Stage } from '../stage'
import { paymentHeader } from '../till'

type Echo = (text: string, terms: (error: string) => Reply) => Reply

/** Ways in which a server can hand back what it was sent. */
const echoes: Readonly<Record<string, Echo>> = {
  'the body of a 400': (text) => ({ status: 400, body: text }),
  'the body of a 401': (text) => ({ status: 401, body: text }),
  'the body of a 403': (text) => ({ status: 403, body: text }),
  'the error of a 402': (text) => ({
    status: 402,
    body: JSON.stringify({ error: { message: text, type: 'payment_required' } }),
  }),
  'the terms of a 402': (text, terms) => terms(text),
  'terms that cannot be read': (text) => ({
    status: 402,
    headers: { 'payment-required': base64(`{"error":${JSON.stringify(text)}`) },
    body: '{}',
  }),
  'the body of a 500': (text) => ({ status: 500, body: text }),
  'the reason of a receipt': (text) => ({
    status: 402,
    headers: {
      'payment-response': base64({ success: false, errorReason: text, errorMessage: text }),
    },
    body: '{}',
  }),
  'the id of the request': (text) => ({
    status: 402,
    headers: { 'x-request-id': text.replace(/\s/g, '').slice(0, 2_000) },
    body: '{}',
  }),
  'the target of a redirect': (text) => ({
    status: 307,
    headers: { location: `/?${encodeURIComponent(text).slice(0, 2_000)}` },
  }),
}

export const secrets: readonly Scenario[] = [
  ...Object.entries(echoes).map(([name, echo]) =>
    attack(`a payment in ${name}`, ['evm'], (stage) =>
      echoed(stage, ({ headers }) => paymentHeader(headers)?.[1], echo),
    ),
  ),
  ...Object.entries(echoes).map(([name, echo]) =>
    attack(`a token in ${name}`, ['session'], (stage) =>
      echoed(stage, ({ headers }) => headers.authorization, echo),
    ),
  ),
  ...Object.entries(echoes).map(([name, echo]) =>
    attack(`a sign-in in ${name}`, [['sign-in', 'siwx']], (stage) =>
      echoed(stage, ({ headers }) => proofOf(headers['sign-in-with-x']), echo),
    ),
  ),
  attack('a payment whose connection breaks', ['evm'], (stage) =>
    echoed(
      stage,
      ({ headers }) => paymentHeader(headers)?.[1],
      () => 'reset',
    ),
  ),
  attack('a token whose connection breaks', ['session'], (stage) =>
    echoed(
      stage,
      ({ headers }) => headers.authorization,
      () => 'reset',
    ),
  ),
]

function attack(name: string, needs: Scenario['needs'], run: Scenario['run']): Scenario {
  return { family: 'secrets', kind: 'attack', name: `no error repeats ${name}`, needs, run }
}

function proofOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined
}

/**
 * A shop that sells, and echoes each request in which `find` finds something. Fails when an error of
 * three calls, looked at in every way, has a signature, a token or the prompt in it.
 */
async function echoed(stage: Stage, find: (seen: Seen) => string | undefined, echo: Echo) {
  const offer = await goodOffer(stage)
  const jwt = forgeJwt()
  const payer = stage.wallets.evm.address
  const receipt = { success: true, transaction: '0x1', network: 'eip155:8453', payer, jwt }
  const echoedTexts = new Set<string>()
  const signatures = () =>
    stage.signed.flatMap((one) => ('signature' in one ? [one.signature] : []))
  const site = await stage.serve((seen) => {
    const terms = (error: string) => challenge(envelope(originOf(seen), [offer], { error }))
    const found = find(seen)
    if (found !== undefined) {
      echoedTexts.add(found.replace(/^Bearer /i, ''))
      return echo(`got ${found} signed ${signatures().join(' ')} for ${PROMPT}`, terms)
    }
    if (isSignIn(seen)) return undefined
    if (paymentHeader(seen.headers)) {
      return { headers: { 'payment-response': base64(receipt) }, body: 'served' }
    }
    return seen.headers.authorization === undefined
      ? terms('payment required')
      : { status: 401, body: '{}' }
  })
  const fetch = await stage.payer(site.url)
  for (let calls = 0; calls < 3; calls += 1) {
    const shown = everything(await askChat(fetch, site.url))
    const leaked = [...echoedTexts, ...signatures(), jwt, PROMPT].find((text) =>
      shown.includes(text),
    )
    if (leaked) return `an error has ${leaked === PROMPT ? 'the prompt' : 'a secret'} in it`
  }
  return undefined
}

/** All that a log could show of an error. */
function everything(outcome: Outcome): string {
  if ('status' in outcome) return ''
  const { error } = outcome
  const parts = [inspect(error, { depth: 12, showHidden: true }), String(error)]
  for (let at = error; at instanceof Error; at = at.cause) parts.push(at.stack ?? '', at.message)
  try {
    parts.push(JSON.stringify(error))
  } catch {
    parts.push('') // What cannot be written cannot be logged so.
  }
  return parts.join('\n')
}
