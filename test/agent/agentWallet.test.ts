import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../packages/sdk/src/store/memory'
import type { Store } from '../../packages/sdk/src/store/Store'
import { failure } from '../payment/scene'
import { EVM, ORIGIN } from '../simulation/World'
import { agentScene, bought, receipt, terms } from './agentScene'

/** What a seller answered, by an error of this wallet, asked for twice. */
function bodies(error: unknown) {
  const { answer } = error as { answer: () => Response } // Undefined fails the test.
  return Promise.all([answer().text(), answer().text()])
}

const lost = () => Promise.reject(new TypeError('fetch failed'))

describe('a wallet at a seller of single things', () => {
  test('pays for a request once and has its answer', async () => {
    const { buy, sent, asked, agent, run } = agentScene()
    expect(await buy()).toBe('/thing')
    expect(asked.payments).toBe(1)
    expect(sent()).toEqual({ different: 1, times: 1 })
    expect(await run(agent().payments.list())).toMatchObject([
      { state: 'settled', amount: 1_000_000n, resource: `GET ${ORIGIN}/thing` },
    ])
    expect(await run(agent().budget.status())).toMatchObject([{ spent: 1_000_000n, reserved: 0n }])
  })

  test('pays nothing where nothing is asked for, and sends what its caller sends', async () => {
    const { buy, seller, seen, asked } = agentScene()
    seller.bare = () => new Response('free')
    const headers = { authorization: 'Bearer of the caller', 'x-payment': 'forged' }
    expect(await buy('/free', { headers })).toBe('free')
    expect(seen).toMatchObject([{ authorization: 'Bearer of the caller', payment: undefined }])
    expect(asked).toMatchObject({ payments: 0, messages: 0 })
  })

  test('keeps the credentials of its caller while it pays', async () => {
    const { buy, seen } = agentScene()
    await buy('/thing', { headers: { authorization: 'Bearer of the caller' } })
    expect(seen.map(({ authorization }) => authorization)).toEqual(
      Array(2).fill('Bearer of the caller'),
    )
  })

  test('does not go where its user did not allow it to', async () => {
    const { agent, run, seen } = agentScene()
    for (const url of ['https://other.test/thing', `${ORIGIN}.other.test/thing`]) {
      expect(await run(failure(agent().fetch(url)))).toMatchObject({ code: 'origin_not_allowed' })
    }
    expect(await run(failure(agent().fetch('/thing')))).toMatchObject({ code: 'invalid_url' })
    expect(seen).toEqual([])
  })

  test('pays again for the same request once it was served', async () => {
    const { buy, asked } = agentScene()
    await buy()
    await buy()
    expect(asked.payments).toBe(2)
  })

  test('presents the same signature where the answer is lost', async () => {
    const { buy, seller, sent, asked } = agentScene()
    let times = 0
    seller.paid = () => (++times === 1 ? lost() : bought('late'))
    expect(await buy()).toBe('late')
    expect(asked.payments).toBe(1)
    expect(sent()).toEqual({ different: 1, times: 2 })
  })

  test.each([
    ['is told that the nonce is used', () => terms()],
    ['gets a receipt and no answer', () => new Response(null, { status: 500, headers: receipt() })],
  ])('never pays twice for what has not come: it %s', async (_, paid) => {
    const { call, run, seller, sent, asked, agent, buy, restart } = agentScene()
    let times = 0
    seller.paid = () =>
      ++times === 1 ? new Response(null, { status: 502, headers: receipt() }) : paid()
    const first = await run(failure(call()))
    expect(first).toMatchObject({ code: 'paid_but_failed', fundsMoved: 'yes' })
    restart()
    expect(await run(failure(call()))).toMatchObject({ code: 'paid_but_failed' })
    expect(asked.payments).toBe(1)
    expect(sent().different).toBe(1)
    const [payment] = await run(agent().payments.reconcile())
    expect(payment).toMatchObject({ state: 'settled', transaction: '0xtx' })
    // Another request is another need.
    seller.paid = () => bought('other')
    expect(await buy('/other')).toBe('other')
    // And a person's word frees this one.
    await run(agent().payments.writeOff(String(payment?.id)))
    expect(await run(agent().payments.reconcile())).toEqual([])
    expect(await buy()).toBe('other')
    expect(asked.payments).toBe(3)
  })

  test('is told what was bought after a restart, for the same signature', async () => {
    const { call, run, seller, sent, asked, restart, buy } = agentScene()
    seller.paid = lost
    expect(await run(failure(call()))).toMatchObject({ code: 'payment_unconfirmed' })
    restart()
    seller.paid = () => bought('kept for you')
    expect(await buy()).toBe('kept for you')
    expect(asked.payments).toBe(1)
    expect(sent().different).toBe(1)
  })

  test('signs anew only once the chain says that the first signature is dead', async () => {
    const { call, run, seller, asked, buy, runtime } = agentScene()
    seller.paid = lost
    expect(await run(failure(call()))).toMatchObject({ code: 'payment_unconfirmed' })
    await runtime.advance(300_000)
    asked.fate = 'unknown'
    expect(await run(failure(call()))).toMatchObject({ code: 'payment_unconfirmed' })
    asked.fate = 'dead'
    seller.paid = () => bought('second')
    expect(await buy()).toBe('second')
    expect(asked.payments).toBe(2)
  })

  test('is told what the seller answers of its own, and the payment is held, not repeated', async () => {
    const { call, run, seller, sent, asked, agent, buy, restart } = agentScene()
    seller.paid = () => Response.json({ error: 'no such city' }, { status: 404 })
    const first = await run(failure(call()))
    expect(first).toMatchObject({
      code: 'payment_unconfirmed',
      statusCode: 404,
      fundsMoved: 'maybe',
    })
    expect(first).toHaveProperty('message', expect.stringContaining('was 404: "no such city"'))
    expect(await bodies(first)).toEqual(Array(2).fill('{"error":"no such city"}'))
    expect(sent()).toEqual({ different: 1, times: 1 })
    expect(await run(agent().budget.status())).toMatchObject([{ reserved: 1_000_000n, spent: 0n }])
    // The next call asks once more, with the same signature.
    restart()
    expect(await run(failure(call()))).toMatchObject({ statusCode: 404, fundsMoved: 'maybe' })
    expect(sent()).toEqual({ different: 1, times: 2 })
    seller.paid = () => bought('found')
    expect(await buy()).toBe('found')
    expect(asked.payments).toBe(1)
  })

  test('is told it with what the chain, or a receipt, says of the money', async () => {
    const { call, run, seller, asked } = agentScene()
    asked.fate = 'settled'
    seller.paid = () => new Response('not here', { status: 400 })
    const byChain = await run(failure(call('/a')))
    expect(byChain).toMatchObject({ code: 'paid_but_failed', statusCode: 400, fundsMoved: 'yes' })
    expect(await bodies(byChain)).toEqual(['not here', 'not here'])
    seller.paid = () => new Response('gone', { status: 410, headers: receipt() })
    const byReceipt = await run(failure(call('/b')))
    expect(byReceipt).toMatchObject({ code: 'paid_but_failed', statusCode: 410, fundsMoved: 'yes' })
    expect(await bodies(byReceipt)).toEqual(['gone', 'gone'])
    asked.fate = 'dead'
    seller.paid = () => new Response('too late', { status: 403 })
    const byExpiry = await run(failure(call('/c')))
    expect(byExpiry).toMatchObject({ code: 'payment_expired', statusCode: 403, fundsMoved: 'no' })
    expect(await bodies(byExpiry)).toEqual(['too late', 'too late'])
  })

  test.each([402, 408, 409, 425, 429, 500])(
    'asks again where a payment is answered with %i',
    async (status) => {
      const { buy, seller, asked } = agentScene()
      let times = 0
      seller.paid = () => (++times === 1 ? new Response('later', { status }) : bought('served'))
      expect(await buy()).toBe('served')
      expect(asked.payments).toBe(1)
    },
  )

  test('is told it where the payment was lost before, and not where it is lost since', async () => {
    const { call, run, seller, sent, restart } = agentScene()
    let times = 0
    seller.paid = () => (++times === 2 ? new Response('no', { status: 404 }) : lost())
    expect(await run(failure(call()))).toMatchObject({ statusCode: 404 })
    expect(sent()).toEqual({ different: 1, times: 2 })
    restart()
    const error = await run(failure(call()))
    expect(error).toMatchObject({ code: 'payment_unconfirmed', statusCode: 0 })
    expect(error).not.toHaveProperty('answer')
  })

  test('tells all who want the same what the seller answered', async () => {
    const { call, run, seller, sent } = agentScene()
    seller.paid = () => new Response('no', { status: 422 })
    const errors = await run(Promise.all([failure(call()), failure(call())]))
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'payment_unconfirmed', statusCode: 422 })
      expect(await bodies(error)).toEqual(['no', 'no'])
    }
    expect(sent().different).toBe(1)
  })

  test('leaves the error of a caller who goes while the answer is read as it is', async () => {
    const { call, run, seller, agent } = agentScene()
    const leaving = new AbortController()
    seller.paid = () => {
      const body = new ReadableStream({ pull: () => leaving.abort() })
      return new Response(body, { status: 404 })
    }
    const error = await run(failure(call('/thing', { signal: leaving.signal })))
    expect(error).toMatchObject({ code: 'aborted', fundsMoved: 'maybe' })
    expect(await run(agent().payments.list())).toMatchObject([{ state: 'unknown' }])
  })

  test('reads an answer to its end before it calls the need met', async () => {
    const { call, run, seller, buy, asked, restart } = agentScene()
    const cut = () =>
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('half'))
          controller.error(new TypeError('terminated'))
        },
      })
    seller.paid = () => new Response(cut(), { headers: receipt() })
    expect(await run(failure(call()))).toMatchObject({
      code: 'connection_error',
      fundsMoved: 'maybe',
    })
    restart()
    seller.paid = () => bought('whole')
    expect(await buy()).toBe('whole')
    expect(asked.payments).toBe(1)
  })

  test('lets events and large answers through, and takes a caller who wants no more as served', async () => {
    const { call, run, seller, asked, agent } = agentScene()
    const endless = () =>
      new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(100_000)) })
    seller.paid = () => bought('', {})
    for (const type of ['text/event-stream', 'application/octet-stream']) {
      seller.paid = () =>
        new Response(endless(), { headers: { ...receipt(), 'content-type': type } })
      const answer = await run(call(`/${type}`))
      const reader = answer.body?.getReader()
      await run(reader?.read() ?? Promise.reject())
      expect(await run(agent().payments.reconcile())).toHaveLength(1)
      await run(reader?.cancel() ?? Promise.reject())
      expect(await run(agent().payments.reconcile())).toEqual([])
    }
    expect(asked.payments).toBe(2)
  })

  test('pays once for calls that want the same thing at once, and all get it', async () => {
    const { call, run, asked, sent } = agentScene()
    const all = Array.from({ length: 100 }, () => call().then((answer) => answer.text()))
    expect(await run(Promise.all(all))).toEqual(Array(100).fill('/thing'))
    expect(asked.payments).toBe(1)
    expect(sent().times).toBe(1)
  })

  test('pays for each of what differs in method, URL or body', async () => {
    const { call, run, asked } = agentScene()
    const wants = [
      call('/a'),
      call('/b'),
      call('/a', { method: 'POST' }),
      call('/a', { method: 'POST', body: 'x' }),
      call('/a', { method: 'POST', body: 'y' }),
      call('/a', { method: 'POST', body: new TextEncoder().encode('y') }),
    ]
    await run(Promise.all(wants))
    expect(asked.payments).toBe(5)
  })

  test('goes on for the others where the one who pays has gone', async () => {
    const { call, run, seller, asked, sent } = agentScene()
    const caller = new AbortController()
    let times = 0
    seller.paid = () => {
      if (++times > 1) return bought('there')
      caller.abort()
      return lost()
    }
    const first = failure(call('/thing', { signal: caller.signal }))
    const others = Promise.all([call(), call()])
    expect(await run(first)).toMatchObject({ code: 'aborted' })
    for (const answer of await run(others)) expect(await answer.text()).toBe('there')
    expect(asked.payments).toBe(1)
    expect(sent().different).toBe(1)
  })

  test('asks once where all are refused', async () => {
    let asked = 0
    const { call, run } = agentScene({
      approve: () => {
        asked++
        return false
      },
    })
    const errors = await run(Promise.all(Array.from({ length: 5 }, () => failure(call()))))
    for (const error of errors) expect(error).toMatchObject({ code: 'approval_denied' })
    expect(asked).toBe(1)
  })
})

describe('a need with a name', () => {
  const order = { idempotencyKey: 'order-1', method: 'POST', body: '{}' }

  test('is paid for once, and its answer is given again, after a restart too', async () => {
    const { buy, asked, seen, restart, seller, agent, run } = agentScene()
    seller.paid = () => bought('a key', { status: 201, headers: { 'x-order': '1' } })
    expect(await buy('/order', order)).toBe('a key')
    restart()
    const requests = seen.length
    const again = await run(agent().fetch(`${ORIGIN}/order`, order))
    expect(again.status).toBe(201)
    expect(again.headers.get('x-order')).toBe('1')
    expect(await again.text()).toBe('a key')
    expect(seen).toHaveLength(requests)
    expect(asked.payments).toBe(1)
  })

  test('is no need of the same request without a name, or with another one', async () => {
    const { buy, asked } = agentScene()
    await buy('/order', order)
    await buy('/order', { method: 'POST', body: '{}' })
    await buy('/order', { ...order, idempotencyKey: 'order-2' })
    expect(asked.payments).toBe(3)
  })

  test('is not one of another request', async () => {
    const { buy, call, run, seen } = agentScene()
    await buy('/order', order)
    const requests = seen.length
    const other = failure(call('/order', { ...order, body: '{"other":true}' }))
    expect(await run(other)).toMatchObject({ code: 'idempotency_key_reused' })
    expect(seen).toHaveLength(requests)
  })

  test('may be bought anew once it is forgotten', async () => {
    const { buy, asked, agent, run, store } = agentScene()
    await buy('/order', order)
    await run(agent().forget(ORIGIN, 'order-1'))
    expect(JSON.stringify(await store.list(''))).not.toContain(btoa('/order{}'))
    await buy('/order', order)
    expect(asked.payments).toBe(2)
    expect(await run(agent().payments.list())).toHaveLength(2)
  })

  test('is not forgotten while its payment is open', async () => {
    const { call, run, seller, agent } = agentScene()
    seller.paid = lost
    await run(failure(call('/order', order)))
    const error = await run(failure(agent().forget(ORIGIN, 'order-1')))
    expect(error).toMatchObject({ code: 'payment_unconfirmed', fundsMoved: 'maybe' })
  })

  test('whose answer is too large to be kept says so, and is not paid for again', async () => {
    const { buy, call, run, seller, asked } = agentScene()
    const large = 'x'.repeat(300_000)
    let times = 0
    seller.paid = () => (++times === 1 ? bought(large) : terms())
    expect(await buy('/order', order)).toBe(large)
    const error = await run(failure(call('/order', order)))
    expect(error).toMatchObject({ code: 'paid_but_failed' })
    expect(String(error)).toContain('too large to be kept')
    expect(asked.payments).toBe(1)
  })

  test.each(['', 'x'.repeat(256)])('has 1 to 255 characters', async (idempotencyKey) => {
    const { call, run, seen } = agentScene()
    const error = await run(failure(call('/order', { idempotencyKey })))
    expect(error).toMatchObject({ code: 'invalid_option' })
    expect(seen).toEqual([])
  })
})

describe('an answer', () => {
  const order = { idempotencyKey: 'order-1' }

  test('without a body is one, and is given again as that', async () => {
    const { call, run, seller, asked } = agentScene()
    seller.paid = () => new Response(null, { status: 204, headers: receipt() })
    for (let times = 0; times < 2; times++) {
      const answer = await run(call('/thing', order))
      expect([answer.status, answer.body]).toEqual([204, null])
    }
    expect(asked.payments).toBe(1)
  })

  test('that stalls is given up, and its payment stays open', async () => {
    const { call, run, seller, agent } = agentScene()
    seller.paid = () => new Response(new ReadableStream(), { headers: receipt() })
    const error = await run(failure(call()))
    expect(error).toMatchObject({ code: 'timeout', fundsMoved: 'maybe' })
    expect(await run(agent().payments.reconcile())).toMatchObject([{ state: 'settled' }])
  })

  test('is waited for no longer than its caller does', async () => {
    const { call, run, seller, agent } = agentScene()
    const caller = new AbortController()
    seller.paid = () => {
      setImmediate(() => caller.abort())
      return new Response(new ReadableStream(), { headers: receipt() })
    }
    const error = await run(failure(call('/thing', { signal: caller.signal })))
    expect(error).toMatchObject({ code: 'aborted', fundsMoved: 'maybe' })
    expect(await run(agent().payments.reconcile())).toMatchObject([{ state: 'settled' }])
  })

  test('in events ends its need at its end', async () => {
    const { call, run, seller, agent } = agentScene()
    const events = { headers: { 'content-type': 'text/event-stream' } }
    seller.paid = () => bought('data: 1\n\n', events)
    const answer = await run(call())
    expect(await run(agent().payments.reconcile())).toHaveLength(1)
    expect(await run(answer.text())).toBe('data: 1\n\n')
    expect(await run(agent().payments.reconcile())).toEqual([])
  })

  test('reaches its caller where the store cannot book it, and the payment stays open', async () => {
    const inner = memoryStore()
    const store: Store = {
      ...inner,
      durable: true,
      update: async (key, change) => {
        const current = await inner.get(key)
        const next = change(current)
        const ends = key.startsWith('need/') && JSON.stringify(next)?.includes('"answer"')
        if (ends) throw new Error('disk full')
        return inner.update(key, change)
      },
    }
    const { buy, events, run, agent } = agentScene({ store })
    expect(await buy('/thing', order)).toBe('/thing')
    expect(events.at(-1)).toMatchObject({ type: 'payment-unbooked', reason: 'store_failed' })
    expect(await run(agent().payments.reconcile())).toMatchObject([{ state: 'settled' }])
  })

  test('of 402 that asks for nothing is the answer', async () => {
    const { call, run, seller, asked } = agentScene()
    seller.bare = () => Response.json({ error: 'pay at the counter' }, { status: 402 })
    const answer = await run(call())
    expect([answer.status, await run(answer.json())]).toEqual([
      402,
      { error: 'pay at the counter' },
    ])
    expect(asked.payments).toBe(0)
  })

  test('that never came is not paid for again where the chain says that the money moved', async () => {
    const { call, run, seller, asked } = agentScene()
    asked.fate = 'settled'
    seller.paid = lost
    for (let times = 0; times < 2; times++) {
      const error = await run(failure(call()))
      expect(error).toMatchObject({ code: 'paid_but_failed', fundsMoved: 'yes' })
    }
    expect(asked.payments).toBe(1)
  })

  test('that was kept and is damaged is told, and not bought again', async () => {
    const { buy, call, run, store, asked } = agentScene()
    await buy('/thing', order)
    const [[key = '', entry] = []] = await store.list('need/')
    for (const answer of [{ status: 200, body: 5 }, { status: '200' }, 5]) {
      await store.update(key, () => ({ ...(entry as object), answer }))
      expect(await run(failure(call('/thing', order)))).toMatchObject({ code: 'store_unreadable' })
    }
    expect(asked.payments).toBe(1)
  })
})

describe('two processes', () => {
  test.each([
    ['have the same answer of a need with a name', { idempotencyKey: 'order-1' }, 1],
    ['buy one after the other where it has none', {}, 2],
  ])('%s', async (_, init, payments) => {
    const { call, run, asked, seller, restart } = agentScene()
    let isWaiting = () => {}
    const both = new Promise<void>((resolve) => {
      isWaiting = resolve
    })
    let times = 0
    seller.paid = async ({ path }) => {
      if (++times === 1) await both
      return bought(path)
    }
    const first = call('/thing', init).then((answer) => answer.text())
    const other = restart()
    const second = other.fetch(`${ORIGIN}/thing`, init).then((answer) => answer.text())
    setTimeout(isWaiting, 20)
    expect(await run(Promise.all([first, second]))).toEqual(['/thing', '/thing'])
    expect(asked.payments).toBe(payments)
  })
})

describe('who comes while another is at it', () => {
  test.each([{ idempotencyKey: 'order-1' }, {}])(
    'in another process waits, and pays where that one does not: %o',
    async (init) => {
      let decide = (_: boolean) => {}
      const decision = new Promise<boolean>((resolve) => {
        decide = resolve
      })
      let times = 0
      const { call, run, asked, restart } = agentScene({
        approve: () => ++times > 1 || decision,
      })
      const first = failure(call('/thing', init))
      await new Promise((resolve) => setTimeout(resolve, 20))
      const second = restart().fetch(`${ORIGIN}/thing`, init)
      setTimeout(() => decide(false), 20)
      expect(await run(first)).toMatchObject({ code: 'approval_denied' })
      expect((await run(second)).status).toBe(200)
      expect(asked.payments).toBe(1)
    },
  )

  test('in the same process and late has a share still, and who comes later buys anew', async () => {
    const { call, run, asked, seller } = agentScene()
    let ask = (_: Response) => {}
    const late = new Promise<Response>((resolve) => {
      ask = resolve
    })
    let times = 0
    seller.bare = () => (++times === 2 ? late : terms())
    const first = call()
    const second = call()
    expect(await run(first.then((answer) => answer.text()))).toBe('/thing')
    expect(await run(call().then((answer) => answer.text()))).toBe('/thing')
    expect(asked.payments).toBe(2)
    ask(terms())
    expect(await run(second.then((answer) => answer.text()))).toBe('/thing')
    expect(asked.payments).toBe(2)
  })
})

describe('what a seller offers along', () => {
  const decode = (header: string | undefined) => JSON.parse(atob(header ?? ''))

  test('payment-identifier is answered with one id, the same each time', async () => {
    const { buy, seller, seen } = agentScene()
    let times = 0
    seller.bare = () => terms({ 'payment-identifier': { info: { required: true }, schema: {} } })
    seller.paid = () => (++times === 1 ? lost() : bought('there'))
    await buy()
    const ids = seen.flatMap(({ payment }) =>
      payment ? [decode(payment).extensions['payment-identifier'].info] : [],
    )
    expect(ids).toEqual([ids[0], ids[0]])
    expect(ids[0]).toEqual({ required: true, id: expect.stringMatching(/^[\w-]{16,128}$/) })
  })

  test('no extension is sent that is not asked for', async () => {
    const { buy, seen } = agentScene()
    await buy()
    expect(decode(seen.at(-1)?.payment)).not.toHaveProperty('extensions')
  })

  test('sign-in-with-x is proved before a second payment, and not before the first', async () => {
    const { buy, seller, seen, asked } = agentScene()
    const info = {
      domain: new URL(ORIGIN).host,
      uri: ORIGIN,
      nonce: 'abcdefgh12345678',
      issuedAt: new Date(Date.UTC(2026, 10, 20, 16)).toISOString(),
    }
    const offer = { info, supportedChains: [{ chainId: EVM.network, type: 'eip191' }] }
    seller.bare = ({ proof }) =>
      proof ? new Response('known') : terms({ 'sign-in-with-x': offer })
    expect(await buy()).toBe('/thing')
    expect(asked).toMatchObject({ payments: 1, messages: 0 })
    expect(await buy()).toBe('known')
    expect(asked).toMatchObject({ payments: 1, messages: 1 })
    expect(seen.filter(({ payment, proof }) => payment && proof)).toEqual([])
  })
})

describe('a quote', () => {
  test('says what would be paid and what is refused, and pays nothing', async () => {
    const { agent, run, asked } = agentScene({ maxPerPayment: '$1' })
    expect(await run(agent().quote(`${ORIGIN}/thing`))).toMatchObject({
      intent: { amount: 1_000_000n, network: EVM.network, payTo: EVM.payTo },
      offers: [{ amount: 1_000_000n, scheme: 'exact' }],
    })
    const strict = agentScene({ maxPerPayment: '$0.5' })
    expect(await strict.run(strict.agent().quote(`${ORIGIN}/thing`))).toMatchObject({
      intent: undefined,
      offers: [{ refusal: expect.stringContaining('over the $0.5') }],
    })
    expect(asked.payments).toBe(0)
  })

  test('is none where nothing is asked for', async () => {
    const { agent, run, seller } = agentScene()
    seller.bare = () => new Response('free')
    expect(await run(agent().quote(`${ORIGIN}/free`))).toBeUndefined()
  })
})

describe('a need with a name, between processes', () => {
  const order = { idempotencyKey: 'order-1', method: 'POST' }
  const slowly = async (scene: ReturnType<typeof agentScene>) => {
    await new Promise<void>((resolve) => scene.runtime.after(300, resolve))
    return bought('a key')
  }

  test('is met by what another process buys meanwhile', async () => {
    const scene = agentScene()
    scene.seller.paid = () => slowly(scene)
    const first = scene.call('/order', order)
    scene.restart()
    const both = await scene.run(Promise.all([first, scene.call('/order', order)]))
    expect(await Promise.all(both.map((answer) => answer.text()))).toEqual(['a key', 'a key'])
    expect(scene.asked.payments).toBe(1)
    expect(scene.sent().times).toBe(1)
  })

  test('is bought by a call that waited for another process, which did not buy it', async () => {
    let asked = 0
    const scene = agentScene({
      approve: async () => {
        await new Promise<void>((resolve) => scene.runtime.after(300, resolve))
        return ++asked > 1
      },
    })
    const first = failure(scene.call('/order', order))
    scene.restart()
    const second = scene.call('/order', order)
    expect(await scene.run(first)).toMatchObject({ code: 'approval_denied' })
    expect(await (await scene.run(second)).text()).toBe('/order')
    expect(scene.asked.payments).toBe(1)
  })

  test('is not paid for anew by a call that waited for another process, which has dropped the answer', async () => {
    const scene = agentScene()
    scene.seller.paid = () => slowly(scene)
    const first = scene.agent()
    const used = first.fetch(`${ORIGIN}/order`, order).then(() => first.forget(ORIGIN, 'order-1'))
    scene.restart()
    const waiting = failure(scene.call('/order', order))
    await scene.run(used)
    expect(await scene.run(waiting)).toMatchObject({ code: 'attempt_superseded', fundsMoved: 'no' })
    expect(scene.asked.payments).toBe(1)
    expect(await scene.buy('/order', order)).toBe('a key')
    expect(scene.asked.payments).toBe(2)
  })

  test('that asked for terms before another process bought the order and forgot it pays nothing', async () => {
    const scene = agentScene()
    let ask = () => {}
    const late = new Promise<Response>((resolve) => {
      ask = () => resolve(terms())
    })
    scene.seller.bare = () => (scene.seen.length === 1 ? late : terms())
    const waiting = failure(scene.call('/order', order))
    await scene.runtime.settle()
    scene.restart()
    await scene.buy('/order', order)
    await scene.run(scene.agent().forget(ORIGIN, 'order-1'))
    ask()
    expect(await scene.run(waiting)).toMatchObject({ code: 'attempt_superseded', fundsMoved: 'no' })
    expect(scene.asked.payments).toBe(1)
    expect(await scene.run(scene.agent().budget.status())).toMatchObject([{ reserved: 0n }])
  })

  test('is not paid for anew where the other drops the answer at the moment it is taken over', async () => {
    const inner = memoryStore()
    let meanwhile: (() => Promise<unknown>) | undefined
    const store: Store = {
      ...inner,
      durable: true,
      update: async (key, change) => {
        const act = key.startsWith('need/') ? meanwhile : undefined
        if (act) meanwhile = undefined
        await act?.()
        return inner.update(key, change)
      },
    }
    const { call, run, seller, agent, restart, asked } = agentScene({ store })
    seller.paid = lost
    await run(failure(call('/order', order)))
    const first = agent()
    restart()
    seller.paid = () => bought('a key')
    meanwhile = async () => {
      await (await first.fetch(`${ORIGIN}/order`, order)).text()
      await first.forget(ORIGIN, 'order-1')
    }
    expect(await run(failure(call('/order', order)))).toMatchObject({
      code: 'attempt_superseded',
      fundsMoved: 'no',
    })
    expect(asked.payments).toBe(1)
  })
})
