import { describe, expect, test } from 'vitest'
import { paidAnswer, paymentRequired } from '../simulation/scriptedClient'
import { tokenWith } from '../simulation/terms'
import { START } from '../support/virtualRuntime'
import {
  DOLLAR,
  earlier,
  failure,
  NETWORK,
  PAYER,
  receipted,
  refusing,
  STORE_KEYS,
  scene,
  TOKEN,
} from './scene'

const NEW = tokenWith({ sub: PAYER, n: 2 })
const signedIn = (jwt: string) => () => new Response(JSON.stringify({ jwt }))
const lost = () => Promise.reject(new TypeError('fetch failed'))
const NOW_S = START / 1_000

describe('a payment whose answer was lost', () => {
  test('is found by the credit it bought, with no second payment', async () => {
    const { served, gateway, payments, sent, seen, store } = scene()
    gateway.paid = lost
    gateway.auth = signedIn(TOKEN)
    expect(await served()).toBe(200)
    expect(sent()).toEqual({ different: 1, times: 1 })
    expect(seen.at(-1)).toMatchObject({ token: TOKEN, payment: undefined })
    expect(await payments()).toMatchObject([{ state: 'settled', settledBy: 'credit' }])
    // Until no second signature can live beside it.
    expect(await store.get(STORE_KEYS.need)).toMatchObject({ served: true })
  })

  test('is sent again to the letter, three times by its own call, with pauses that grow', async () => {
    const { failed, gateway, sent, seen } = scene()
    gateway.paid = lost
    expect(await failed()).toMatchObject({ code: 'payment_unconfirmed' })
    expect(sent()).toEqual({ different: 1, times: 4 })
    const times = seen.filter(({ payment }) => payment).map(({ at }) => at)
    expect(times[1]).toBe(times[0])
    expect(times[3]).toBeGreaterThan(times[2] ?? 0)
  })

  test('is answered when it is sent again', async () => {
    const { served, gateway, payments, sent, store } = scene()
    let times = 0
    gateway.paid = () => (++times < 3 ? lost() : paidAnswer(TOKEN))
    expect(await served()).toBe(200)
    expect(sent()).toEqual({ different: 1, times: 3 })
    expect(await payments()).toMatchObject([{ state: 'settled', settledBy: 'receipt' }])
    expect(await store.get(STORE_KEYS.need)).toBeUndefined()
  })

  test('is not sent again once the gateway refuses it', async () => {
    const { failed, gateway, sent } = scene()
    let times = 0
    gateway.paid = () => (++times === 1 ? lost() : refusing('insufficient_funds'))
    expect(await failed()).toMatchObject({ code: 'payment_rejected' })
    expect(sent().times).toBe(2)
  })

  test('is taken up by the next process: credit first, then the same payment once, then the chain', async () => {
    const { failed, gateway, put, seen, asked } = scene()
    gateway.paid = lost
    gateway.auth = signedIn(TOKEN)
    gateway.bare = () => paymentRequired()
    await put(earlier())
    expect(await failed()).toMatchObject({
      code: 'payment_unconfirmed',
      context: { attempt: 'earlier' },
    })
    const trail = seen.map(({ path, payment }) => payment ?? path)
    expect(trail.at(-1)).toBe('earlier')
    expect(trail.filter((step) => step === 'earlier')).toHaveLength(1)
    expect(asked.payments).toBe(0)
  })

  test('is not asked for by credit that the gateway has just denied', async () => {
    const { failed, gateway, put, seen, store } = scene()
    gateway.paid = lost
    gateway.bare = () => paymentRequired()
    await store.update(STORE_KEYS.session, () => ({ v: 1, jwt: TOKEN, exp: null }))
    await put(earlier({ changedAt: START - 1 }))
    await failed()
    expect(seen.map(({ payment }) => payment)).toEqual([undefined, 'earlier'])
  })

  test('is asked for by credit where it is newer than the denial', async () => {
    const { failed, gateway, put, seen, store } = scene()
    gateway.paid = lost
    gateway.bare = () => paymentRequired()
    await store.update(STORE_KEYS.session, () => ({ v: 1, jwt: TOKEN, exp: null }))
    await put(earlier({ changedAt: START }))
    await failed()
    expect(seen.map(({ payment }) => payment)).toEqual([undefined, undefined, 'earlier'])
  })

  test('is sent again where asking for credit gets no answer', async () => {
    const { served, gateway, put, seen, store } = scene()
    let asks = 0
    gateway.bare = () => (++asks === 1 ? paymentRequired() : lost())
    gateway.paid = () => paidAnswer(TOKEN)
    await store.update(STORE_KEYS.session, () => ({ v: 1, jwt: TOKEN, exp: null }))
    await put(earlier({ changedAt: START }))
    expect(await served()).toBe(200)
    expect(asks).toBeGreaterThan(1)
    expect(seen.at(-1)).toMatchObject({ payment: 'earlier' })
  })

  describe('with a wallet that asks a person', () => {
    const { wallet, asked } = scene()
    const wallets = [{ ...wallet, interactive: true }] as const

    test('is sent again before anybody is asked to sign in', async () => {
      const { served, gateway, sent, seen } = scene({ wallets })
      let times = 0
      gateway.paid = () => (++times < 4 ? lost() : paidAnswer(TOKEN))
      expect(await served()).toBe(200)
      expect(sent()).toEqual({ different: 1, times: 4 })
      expect(seen.filter(({ path }) => path === '/v1/x402/auth')).toEqual([])
    })

    test('is no reason to ask for a sign-in while the gateway does not answer', async () => {
      const { failed, gateway } = scene({ wallets })
      asked.messages = 0
      gateway.paid = lost
      expect(await failed()).toMatchObject({ code: 'payment_unconfirmed' })
      expect(asked.messages).toBe(0)
    })

    test.each([
      ['402 again', paymentRequired],
      ['a refusal', () => refusing('insufficient_funds')],
    ])('is asked for by credit, once, after the gateway has answered: %s', async (_, answer) => {
      const { served, gateway, sent, seen, payments } = scene({ wallets })
      asked.messages = 0
      let times = 0
      gateway.paid = () => (++times === 1 ? lost() : answer())
      gateway.auth = signedIn(TOKEN)
      expect(await served()).toBe(200)
      expect(sent()).toMatchObject({ different: 1 })
      expect(asked.messages).toBe(1)
      expect(seen.at(-1)).toMatchObject({ token: TOKEN, payment: undefined })
      expect(await payments()).toMatchObject([{ state: 'settled', settledBy: 'credit' }])
    })

    test('is asked for by credit once the signature has expired', async () => {
      const { served, gateway, put, sent } = scene({ wallets })
      asked.messages = 0
      gateway.auth = signedIn(TOKEN)
      await put(earlier({ expiresAt: NOW_S }))
      expect(await served()).toBe(200)
      expect(asked.messages).toBe(1)
      expect(sent().times).toBe(0)
    })

    test('is asked for by credit first where that takes no signature', async () => {
      const { served, gateway, sent, seen, store } = scene({ wallets })
      asked.messages = 0
      gateway.paid = async () => {
        await store.update(STORE_KEYS.session, () => ({ v: 1, jwt: TOKEN, exp: null }))
        return lost()
      }
      expect(await served()).toBe(200)
      expect(sent().times).toBe(1)
      expect(seen.at(-1)).toMatchObject({ token: TOKEN, payment: undefined })
      expect(asked.messages).toBe(0)
    })

    test('is not asked for by credit where signing in is off', async () => {
      const { failed, gateway } = scene({ wallets, signIn: 'never' })
      asked.messages = 0
      gateway.paid = () => paymentRequired()
      expect(await failed()).toMatchObject({ code: 'payment_unconfirmed' })
      expect(asked.messages).toBe(0)
    })
  })

  test('is not sent again once it has expired by the gateway’s clock', async () => {
    for (const [expiresAt, times] of [
      [NOW_S + 1, 1],
      [NOW_S, 0],
    ] as const) {
      const { failed, gateway, put, sent } = scene()
      gateway.paid = lost
      await put(earlier({ expiresAt }))
      expect(await failed()).toMatchObject({ code: 'payment_unconfirmed' })
      expect(sent().times).toBe(times)
    }
  })

  test('is held: what is told says when the chain can decide, and how to give it up', async () => {
    const { failed, gateway, put, budget, restart, run } = scene()
    gateway.paid = lost
    await put(earlier({ reason: 'timeout' }))
    const error = await failed()
    expect(error).toMatchObject({ code: 'payment_unconfirmed', fundsMoved: 'maybe', statusCode: 0 })
    for (const part of [
      'A payment of $1.00 was sent and its outcome is not known (connection_error)',
      'Funds moved: maybe.',
      `The chain can decide it after ${new Date(START + 60_000).toISOString()}`,
      "payments.writeOff('earlier') gives it up.",
    ]) {
      expect(String(error)).toContain(part)
    }
    expect(await budget()).toMatchObject({ reserved: 0n, spent: 0n })
    const blind = restart({ rpc: { [NETWORK]: [] } })
      .call()
      .catch(String)
    expect(await run(blind)).toContain('No RPC is known to ask the chain: name one in rpc.')
  })

  test('gives a refused request its own answer, and stays open', async () => {
    for (const [status, isAnswer] of [
      [400, true],
      [403, true],
      [404, true],
      [422, true],
      [499, true],
      [401, false],
      [402, false],
      [408, false],
      [409, false],
      [429, false],
      [500, false],
    ] as const) {
      const { call, run, gateway, put, payments, store } = scene()
      let hasPaid = false
      gateway.auth = signedIn(TOKEN)
      gateway.paid = lost
      gateway.bare = ({ token }) => {
        if (!token || !hasPaid) {
          hasPaid = true
          return paymentRequired()
        }
        return status === 402 ? paymentRequired() : new Response('{}', { status })
      }
      await put(earlier({ expiresAt: NOW_S - 1, changedAt: START }))
      const outcome = await run(
        call().then(
          (answer) => answer.status,
          (error) => error.code,
        ),
      )
      expect(outcome, String(status)).toBe(isAnswer ? status : 'payment_unconfirmed')
      expect((await payments())[0]?.state).toBe('unknown')
      const hasToken = (await store.get(STORE_KEYS.session)) !== undefined
      expect(hasToken, String(status)).toBe(status !== 401)
    }
  })

  test('does not ask with a token that was refused again', async () => {
    const { failed, gateway, put, seen, store } = scene()
    await store.update(STORE_KEYS.session, () => ({ v: 1, jwt: TOKEN, exp: null }))
    let asked = 0
    gateway.bare = () => (++asked === 1 ? paymentRequired() : new Response(null, { status: 401 }))
    gateway.paid = lost
    await put(earlier({ changedAt: START }))
    await failed()
    expect(await store.get(STORE_KEYS.session)).toBeUndefined()
    expect(seen.find(({ payment }) => payment)).toMatchObject({ token: undefined })
  })

  test('is answered by the same signature though the store fails; it stays open', async () => {
    let isDown = false
    const { served, gateway, put, events, store } = scene({
      around: (inner) => ({
        ...inner,
        update: (key, change) =>
          isDown ? Promise.reject(new Error('disk full')) : inner.update(key, change),
      }),
    })
    gateway.paid = () => {
      isDown = true
      return paidAnswer()
    }
    await put(earlier())
    expect(await served()).toBe(200)
    expect(await store.get(STORE_KEYS.need)).toMatchObject({ state: 'unknown' })
    expect(events).toContainEqual(expect.objectContaining({ type: 'payment-unbooked' }))
  })

  test('is asked of credit and of the chain where its header is lost', async () => {
    const { failed, put, sent, payments } = scene()
    const { header: _, ...headless } = earlier()
    await put(headless)
    expect(await failed()).toMatchObject({ code: 'payment_unconfirmed' })
    expect(sent().times).toBe(0)
    expect(await payments()).toMatchObject([{ reason: 'unexpected error' }])
  })

  test('is asked of no credit where signing in is ruled out', async () => {
    const { failed, gateway, put, asked, seen } = scene({ signIn: 'never' })
    gateway.auth = signedIn(TOKEN)
    gateway.paid = lost
    await put(earlier())
    expect(await failed()).toMatchObject({ code: 'payment_unconfirmed' })
    expect(asked.messages).toBe(0)
    expect(seen.filter(({ path }) => path.endsWith('auth'))).toEqual([])
  })

  test('is not signed in for on behalf of a caller who leaves meanwhile', async () => {
    const caller = new AbortController()
    const { failed, gateway, put, sent } = scene({ signIn: 'auto' })
    gateway.auth = () => {
      caller.abort()
      return new Promise(() => {})
    }
    gateway.bare = () => paymentRequired()
    await put(earlier({ state: 'signed' }))
    const error = await failed('/call', { signal: caller.signal })
    expect(error).toMatchObject({ code: 'aborted' })
    expect(sent().times).toBe(0)
  })

  test('is not asked of credit for a caller who leaves while that takes a sign-in', async () => {
    const caller = new AbortController()
    const { failed, gateway, sent } = scene()
    gateway.paid = lost
    gateway.auth = () => {
      caller.abort()
      return new Promise(() => {})
    }
    const error = await failed('/call', { signal: caller.signal })
    expect(error).toMatchObject({ code: 'aborted', fundsMoved: 'maybe' })
    expect(sent().times).toBe(1)
  })

  test('made on a network that this client does not pay on is asked of nobody', async () => {
    const { failed, gateway, put, asked } = scene()
    gateway.paid = lost
    asked.fate = 'dead'
    await put(earlier({ network: 'eip155:84532' }))
    expect(String(await failed())).toContain('No RPC is known')
  })

  test('that states no expiry is sent again, and never given up by itself', async () => {
    const { expiresAt: _, ...endless } = earlier()
    const { failed, gateway, put, runtime, sent } = scene({ onUnconfirmed: 'retry-after-expiry' })
    gateway.paid = lost
    await put(endless)
    expect(await failed()).toMatchObject({ code: 'payment_unconfirmed' })
    await runtime.advance(1e9)
    expect(await failed()).toMatchObject({ code: 'payment_unconfirmed' })
    expect(sent()).toEqual({ different: 1, times: 2 })
  })

  test('makes every error of the call that takes it up say that funds may have moved', async () => {
    for (const [state, fundsMoved] of [
      ['unknown', 'maybe'],
      ['signed', 'maybe'],
      ['intended', 'no'],
      ['abandoned', 'no'],
    ] as const) {
      let isDown = false
      const { failed, gateway, put } = scene({
        around: (inner) => ({
          ...inner,
          update: async (key, change) => {
            if (isDown) throw new Error('disk full')
            isDown = true // From when on it is taken over.
            return inner.update(key, change)
          },
        }),
      })
      gateway.paid = lost
      await put(earlier({ state }))
      const error = await failed()
      expect(error, state).toMatchObject({ code: 'store_failed', fundsMoved })
      const named = (error as { context: { attempt?: string } }).context.attempt
      expect(named, state).toBe(fundsMoved === 'maybe' ? 'earlier' : undefined)
    }
  })

  test('and found dead leaves no doubt about what is refused after it', async () => {
    const { failed, gateway, put, asked } = scene({ approve: () => false })
    gateway.paid = lost
    asked.fate = 'dead'
    await put(earlier())
    expect(await failed()).toMatchObject({ code: 'approval_denied', fundsMoved: 'no' })
  })

  test('is over where the chain took it and something was served since', async () => {
    const { failed, served, gateway, asked, sent } = scene()
    gateway.paid = lost
    expect(await failed()).toMatchObject({ code: 'payment_unconfirmed' })
    gateway.bare = () => new Response('{}')
    expect(await served()).toBe(200)
    gateway.bare = () => paymentRequired()
    gateway.paid = () => paidAnswer(TOKEN)
    asked.fate = 'settled'
    const first = sent().times
    gateway.paid = ({ payment }) => (sent().different > 1 && payment ? paidAnswer(TOKEN) : lost())
    expect(await served()).toBe(200)
    expect(first).toBe(4)
    expect(sent().different).toBe(2)
  })

  test('is not looked for by a caller who has left', async () => {
    const caller = new AbortController()
    const { failed, gateway, sent, budget } = scene()
    gateway.paid = () => {
      caller.abort()
      return lost()
    }
    const error = await failed('/call', { signal: caller.signal })
    expect(error).toMatchObject({ code: 'aborted', fundsMoved: 'maybe' })
    expect(sent().times).toBe(1)
    expect(await budget()).toMatchObject({ reserved: DOLLAR })
  })
})

describe('the chain', () => {
  test('that took the payment settles it; without credit the caller is told', async () => {
    const { failed, gateway, put, asked, payments, budget } = scene()
    gateway.paid = lost
    asked.fate = 'settled'
    await put(earlier())
    expect(await failed()).toMatchObject({
      code: 'paid_but_failed',
      fundsMoved: 'yes',
      statusCode: 402,
    })
    expect(await payments()).toMatchObject([{ state: 'settled', settledBy: 'chain' }])
    expect(await budget()).toMatchObject({ reserved: 0n })
  })

  test('that took the payment has credit asked for once more', async () => {
    const { served, gateway, put, asked, payments } = scene()
    gateway.paid = lost
    gateway.auth = signedIn(TOKEN)
    asked.fate = 'settled'
    let asks = 0
    gateway.bare = ({ token }) => (token && ++asks > 1 ? new Response('{}') : paymentRequired())
    await put(earlier())
    expect(await served()).toBe(200)
    expect(await payments()).toMatchObject([{ state: 'settled' }])
  })

  test('that will never take it frees the money, and the next need is paid anew', async () => {
    const { served, gateway, put, asked, payments, budget, sent, events } = scene()
    gateway.paid = ({ payment }) => (payment === 'earlier' ? lost() : paidAnswer(TOKEN))
    asked.fate = 'dead'
    await put(earlier())
    expect(await served()).toBe(200)
    const states = (await payments()).map(({ id, state }) => (id === 'earlier' ? state : id.length))
    expect(states.sort()).toEqual([32, 'dead'])
    expect(await budget()).toMatchObject({ reserved: 0n, spent: DOLLAR })
    expect(sent().different).toBe(2)
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'payment-closed', state: 'dead' }),
    )
  })

  test('is not asked without an RPC, nor about a payment without evidence', async () => {
    const { evidence: _, ...bare } = earlier()
    for (const [rpc, attempt] of [
      [[], earlier()],
      [['https://rpc.test'], bare],
    ] as const) {
      const { failed, gateway, put, asked } = scene({ rpc: { [NETWORK]: rpc } })
      gateway.paid = lost
      asked.fate = 'dead'
      await put(attempt)
      expect(await failed()).toMatchObject({ code: 'payment_unconfirmed' })
    }
  })
})

describe('a payment that settled and served nothing', () => {
  test('is not followed by another for 60 s, and then is: it has been used up', async () => {
    const { failed, served, gateway, runtime, payments, sent } = scene()
    gateway.bare = () => paymentRequired()
    gateway.paid = () => receipted(500)
    expect(await failed()).toMatchObject({ code: 'paid_but_failed' })
    gateway.paid = lost
    await runtime.advance(60_000)
    expect(await failed()).toMatchObject({ code: 'paid_but_failed', fundsMoved: 'yes' })
    await runtime.advance(1)
    gateway.paid = () => paidAnswer()
    expect(await served()).toBe(200)
    expect(sent().different).toBe(2)
    const settled = (await payments()).filter(({ state }) => state === 'settled')
    expect(settled).toHaveLength(2)
  })

  test('is followed by another at once where it did serve something', async () => {
    const { call, run, served, gateway, payments, sent } = scene()
    let first: string | undefined
    gateway.bare = () => paymentRequired()
    gateway.paid = ({ payment }) => {
      if (first === undefined) {
        first = payment
        return cut()
      }
      return payment === first ? refusing('nonce_already_used') : paidAnswer()
    }
    const answer = await run(call())
    await run(answer.text().catch(() => undefined))
    expect(await served()).toBe(200)
    expect(sent()).toEqual({ different: 2, times: 3 })
    const settled = (await payments()).filter(({ state }) => state === 'settled')
    expect(settled).toHaveLength(2)
  })
})

describe('a settled payment of another process', () => {
  test.each([
    [11, 2],
    [10, 1],
  ])('signed %i s before something was served here leads to %i payments', async (ago, payments) => {
    const { served, run, call, gateway, put, sent, store } = scene()
    await store.update(STORE_KEYS.session, () => ({ v: 1, jwt: TOKEN, exp: null }))
    expect(await served()).toBe(200)
    await put(
      earlier({ state: 'settled', settledBy: 'receipt', changedAt: START, signedAt: NOW_S - ago }),
    )
    gateway.bare = () => paymentRequired()
    gateway.paid = ({ payment }) => (payment === 'earlier' ? lost() : paidAnswer(TOKEN))
    await run(call().catch(() => undefined))
    expect(sent().different).toBe(payments)
  })
})

describe('a payment that settled, and whose answer was cut', () => {
  test('is closed by the credit that serves the next call', async () => {
    const { call, run, served, gateway, payments, store, sent } = scene()
    gateway.paid = cut
    const answer = await run(call())
    await run(answer.text().catch(() => undefined))
    expect(await store.get(STORE_KEYS.need)).toMatchObject({ state: 'settled', served: true })
    await store.update(STORE_KEYS.session, () => undefined)
    gateway.auth = signedIn(NEW)
    let asks = 0
    gateway.bare = ({ token }) =>
      token === NEW && ++asks > 1 ? new Response('{}') : paymentRequired()
    expect(await served()).toBe(200)
    expect(await store.get(STORE_KEYS.need)).toBeUndefined()
    expect(await payments()).toMatchObject([{ state: 'settled', settledBy: 'receipt' }])
    expect(sent().times).toBe(1)
  })

  test('stays settled, whatever the gateway says to the same signature', async () => {
    for (const again of [() => refusing('insufficient_funds'), lost]) {
      const { call, run, restart, gateway, store, seen, payments } = scene()
      gateway.bare = () => paymentRequired()
      gateway.paid = cut
      const answer = await run(call())
      await run(answer.text().catch(() => undefined))
      gateway.paid = again
      const states: unknown[] = []
      const { paid } = gateway
      gateway.paid = async (each) => {
        states.push(((await store.get(STORE_KEYS.need)) as { state: string }).state)
        return paid(each)
      }
      await run(failure(restart({ budget: { limit: 1n } }).call()))
      expect(states[0]).toBe('settled')
      expect(seen.filter(({ payment }) => payment).length).toBeGreaterThan(1)
      const kept = (await payments()).filter(({ state }) => state !== 'abandoned')
      expect(kept).toMatchObject([{ state: 'settled', settledBy: 'receipt' }])
    }
  })
})

describe('a payment that only credit tells of', () => {
  test('keeps its need until half a minute past its expiry, so that no two signatures live', async () => {
    const { served, failed, gateway, runtime, sent } = scene()
    gateway.paid = lost
    gateway.auth = signedIn(TOKEN)
    expect(await served()).toBe(200)
    gateway.bare = () => paymentRequired()
    await runtime.advance(89_000)
    expect(await failed()).toMatchObject({ code: 'payment_unconfirmed' })
    await runtime.advance(3_000)
    gateway.paid = () => paidAnswer(NEW)
    expect(await served()).toBe(200)
    expect(sent().different).toBe(2)
  })
})

describe('a payment that nobody confirms', () => {
  test('is given up half a minute past its expiry where that is asked for, and stays counted', async () => {
    const { failed, served, gateway, runtime, payments, budget, sent } = scene({
      onUnconfirmed: 'retry-after-expiry',
    })
    gateway.paid = lost
    expect(await failed()).toMatchObject({ code: 'payment_unconfirmed' })
    await runtime.advance(86_000)
    expect(await failed()).toMatchObject({ code: 'payment_unconfirmed' })
    await runtime.advance(6_000)
    gateway.paid = () => paidAnswer(TOKEN)
    expect(await served()).toBe(200)
    expect((await payments()).map(({ state }) => state).sort()).toEqual(['settled', 'writtenOff'])
    expect((await payments()).find(({ state }) => state === 'writtenOff')?.reason).toBe(
      'unconfirmed past expiry',
    )
    expect(await budget()).toMatchObject({ reserved: 0n, spent: 2n * DOLLAR })
    expect(sent().different).toBe(2)
  })

  test('is never given up otherwise', async () => {
    const { failed, gateway, runtime, sent } = scene()
    gateway.paid = lost
    await failed()
    await runtime.advance(1e9)
    expect(await failed()).toMatchObject({ code: 'payment_unconfirmed' })
    expect(sent().different).toBe(1)
  })

  test('and was refused says so each time', async () => {
    const { failed, gateway, runtime } = scene()
    gateway.paid = () => refusing('insufficient_funds')
    expect(await failed()).toMatchObject({ code: 'payment_rejected' })
    await runtime.advance(120_000)
    expect(await failed()).toMatchObject({ code: 'payment_rejected' })
  })
})

/** A paid answer whose body breaks half-way. */
function cut(): Response {
  const body = new ReadableStream({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode('{"half'))
      controller.error(new TypeError('terminated'))
    },
  })
  return new Response(body, { headers: paidAnswer().headers })
}
