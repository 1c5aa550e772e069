import type { Outcome } from '../ask'
import { ask, askChat, chat, isServed, PATH, tell } from '../ask'
import { base64, envelope } from '../offers'
import { noPayment, payments } from '../oracles'
import type { Scenario } from '../Scenario'
import { challenge, goodOffer, honestShop, isSignIn, originOf } from '../shop'
import type { Reply } from '../site'
import type { Stage } from '../stage'
import { paymentHeader } from '../till'

const BODY = JSON.stringify({ model: 'a', messages: [{ role: 'user', content: 'Grüße ☕' }] })
const bytes = Uint8Array.from({ length: 256 }, (_, at) => at)

/** Requests that must reach the shop unchanged, bare and paid. */
const requests: Readonly<
  Record<string, () => { readonly path: string; readonly init: RequestInit }>
> = {
  'a GET': () => ({ path: '/v1/report', init: { method: 'GET' } }),
  'a GET with a query': () => ({ path: '/v1/report?a=1&b=%20x&c=%F0%9F%8C%8D', init: {} }),
  'a DELETE': () => ({ path: '/v1/things/1', init: { method: 'DELETE' } }),
  'a PUT of text': () => ({ path: '/v1/things/1', init: { method: 'PUT', body: 'text' } }),
  'a PATCH of JSON': () => ({ path: '/v1/things/1', init: { method: 'PATCH', body: '{"a":1}' } }),
  'a POST of JSON beyond ASCII': () => ({ path: PATH, init: { method: 'POST', body: BODY } }),
  'a POST of bytes': () => ({ path: PATH, init: { method: 'POST', body: bytes } }),
  'a POST of a form': () => ({
    path: PATH,
    init: { method: 'POST', body: new URLSearchParams({ a: '1 2', b: 'ü' }) },
  }),
  'a POST of 200 KB': () => ({ path: PATH, init: { method: 'POST', body: 'x'.repeat(200_000) } }),
  'a POST without a body': () => ({ path: PATH, init: { method: 'POST' } }),
  'headers of the caller': () => ({
    path: PATH,
    init: { method: 'POST', body: BODY, headers: { 'x-trace': 'abc', 'idempotency-key': 'k-1' } },
  }),
}

/** Answers to a free request that a payer has no business with. */
const answers: Readonly<Record<string, Exclude<Reply, string>>> = {
  'an answer of 200': { body: 'served' },
  'an answer of 201 with headers': { status: 201, headers: { 'x-made': '1' }, body: '{"id":1}' },
  'an answer of 400': { status: 400, body: '{"error":{"message":"bad"}}' },
  'an answer of 403': { status: 403, body: '{"error":{"message":"no"}}' },
  'an answer of 404': { status: 404, body: 'nothing' },
  'an answer of 422': { status: 422, body: 'unfit' },
  'a stream of events': {
    headers: { 'content-type': 'text/event-stream' },
    body: 'data: {"a":1}\n\ndata: {"a":2}\n\ndata: [DONE]\n\n',
  },
}

export const honestTraffic: readonly Scenario[] = [
  ...Object.entries(requests).map(([name, make]) =>
    honest(`${name} is paid for and arrives unchanged`, async (stage) => {
      const offer = await goodOffer(stage)
      const site = await honestShop(stage, {
        ask: (origin) => challenge(envelope(origin, [offer])),
      })
      const { path, init } = make()
      const outcome = await ask(await stage.payer(site.url), `${site.url}${path}`, init)
      if (!isServed(outcome)) return `was not served: ${tell(outcome)}`
      const paid = site.seen.find(({ headers }) => paymentHeader(headers))
      const body = Buffer.from(await new Response(init.body ?? '').arrayBuffer()).toString('latin1')
      if (paid?.path !== path) return `paid for ${paid?.path}`
      if (paid.method !== (init.method ?? 'GET')) return `paid with ${paid.method}`
      if (paid.body !== body) return 'the body arrived changed'
      const lost = Object.entries({ ...(init.headers as Record<string, string> | undefined) }).find(
        ([header, value]) => paid.headers[header] !== value,
      )
      return lost && `the header ${lost[0]} was lost`
    }),
  ),
  ...Object.entries(answers).map(([name, answer]) =>
    honest(`${name} reaches the caller`, async (stage) => {
      const site = await stage.serve((seen) => (isSignIn(seen) ? undefined : answer))
      const outcome = await askChat(await stage.payer(site.url), site.url)
      return noPayment(stage) ?? unlike(outcome, answer)
    }),
  ),
  honest('a paid answer reaches the caller with its status and headers', async (stage) => {
    const offer = await goodOffer(stage)
    const answer = { status: 201, headers: { 'x-made': '1' }, body: '{"id":1}' }
    const site = await honestShop(stage, {
      ask: (origin) => challenge(envelope(origin, [offer])),
      serve: ({ jwt: _, ...receipt }) => ({
        ...answer,
        headers: { ...answer.headers, 'payment-response': base64(receipt) },
      }),
    })
    return unlike(await askChat(await stage.payer(site.url), site.url), answer)
  }),
  honest('a paid stream reaches the caller whole', async (stage) => {
    const offer = await goodOffer(stage)
    const events = Array.from({ length: 50 }, (_, at) => `data: {"at":${at}}\n\n`).join('')
    const site = await honestShop(stage, {
      ask: (origin) => challenge(envelope(origin, [offer])),
      serve: ({ jwt: _, ...receipt }) => ({
        headers: { 'content-type': 'text/event-stream', 'payment-response': base64(receipt) },
        body: (response) => {
          for (let at = 0; at < events.length; at += 7) response.write(events.slice(at, at + 7))
          response.end()
        },
      }),
    })
    return unlike(await askChat(await stage.payer(site.url), site.url), { body: events })
  }),
  honest('a 402 whose body never ends is paid by its header', async (stage) => {
    const offer = await goodOffer(stage)
    const site = await honestShop(stage, {
      ask: (origin) =>
        challenge(envelope(origin, [offer]), { body: (response) => void response.write('{') }),
    })
    const outcome = await askChat(await stage.payer(site.url), site.url)
    return isServed(outcome) ? undefined : tell(outcome)
  }),
  honest(
    'a 402 without terms reaches the caller, or is an error, and nothing is signed',
    async (stage) => {
      const body = '{"error":{"message":"insufficient credits","type":"payment_required"}}'
      const site = await stage.serve((seen) => (isSignIn(seen) ? undefined : { status: 402, body }))
      const outcome = await askChat(await stage.payer(site.url), site.url)
      if (site.seen.length === 0) return 'sent nothing'
      return (
        noPayment(stage) ??
        ('status' in outcome && outcome.status !== 402 ? tell(outcome) : undefined)
      )
    },
  ),
  ...(['one', 'ten'] as const).map(
    (count): Scenario => ({
      family: 'honest traffic',
      kind: 'honest',
      name: `the token of a receipt serves ${count} more without a payment`,
      needs: ['session'],
      run: async (stage) => {
        const offer = await goodOffer(stage)
        const site = await honestShop(stage, {
          sessions: 'on',
          ask: (origin) => challenge(envelope(origin, [offer])),
        })
        const fetch = await stage.payer(site.url)
        for (let calls = count === 'one' ? 2 : 11; calls > 0; calls -= 1) {
          const outcome = await askChat(fetch, site.url)
          if (!isServed(outcome)) return tell(outcome)
        }
        return payments(stage).length === 1 ? undefined : `${payments(stage).length} payments`
      },
    }),
  ),
  honest('a Request in place of a URL', async (stage) => {
    const offer = await goodOffer(stage)
    const site = await stage.serve((seen) => {
      if (isSignIn(seen)) return undefined
      if (paymentHeader(seen.headers)) return { body: seen.body }
      return challenge(envelope(originOf(seen), [offer]))
    })
    const fetch = await stage.payer(site.url)
    try {
      const response = await fetch(new Request(`${site.url}${PATH}`, chat({ body: '{"a":1}' })))
      const text = await response.text()
      return text === '{"a":1}' ? undefined : `status ${response.status}`
    } catch (error) {
      return tell({ error })
    }
  }),
]

function honest(name: string, run: (stage: Stage) => Promise<string | undefined>): Scenario {
  return { family: 'honest traffic', kind: 'honest', name, needs: ['evm'], run }
}

function unlike(outcome: Outcome, answer: Exclude<Reply, string>): string | undefined {
  if (!('status' in outcome)) return tell(outcome)
  if (outcome.status !== (answer.status ?? 200)) return tell(outcome)
  if (typeof answer.body === 'string' && outcome.text !== answer.body) return 'the body was changed'
  const lost = Object.entries(answer.headers ?? {}).find(
    ([name, value]) => outcome.headers.get(name) !== value,
  )
  return lost && `the header ${lost[0]} was lost`
}
