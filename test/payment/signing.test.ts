import { describe, expect, test } from 'vitest'
import type { Json, Store } from '../../packages/sdk/src/store/Store'
import type { Wallet } from '../../packages/sdk/src/wallet'
import { paidAnswer, paymentRequired } from '../simulation/scriptedClient'
import { ORIGIN } from '../simulation/World'
import { START } from '../support/virtualRuntime'
import { DOLLAR, NETWORK, PAY_TO, PAYER, STORE_KEYS, scene, TOKEN } from './scene'

const PIN = `pin/${ORIGIN}/${NETWORK}`

/** Every write to the store, in turn. */
function noting(writes: { key: string; value: Json | undefined }[]) {
  return (store: Store): Store => ({
    ...store,
    update: async (key, change) => {
      const value = await store.update(key, change)
      writes.push({ key, value })
      return value
    },
  })
}

const stateOf = (value: Json | undefined) => (value as { state?: string } | undefined)?.state

describe('before a payment leaves', () => {
  test('it is intended, reserved, pinned and signed in the store, in this order', async () => {
    const writes: { key: string; value: Json | undefined }[] = []
    const { served, gateway, wallet, asked } = scene({ around: noting(writes) })
    const trail = () => writes.map(({ key, value }) => stateOf(value) ?? key.split('/')[0])
    asked.isAsking = () => expect(trail()).toEqual(['intended', 'budget', 'pin', 'intended'])
    gateway.paid = () => {
      expect(trail()).toEqual(['intended', 'budget', 'pin', 'intended', 'signed'])
      expect(writes.at(-1)?.value).toMatchObject({
        header: { name: 'PAYMENT-SIGNATURE' },
        evidence: { nonce: 'n' },
        expiresAt: START / 1_000 + 60,
        signedAt: START / 1_000,
        from: wallet.address,
        network: NETWORK,
        amount: '1000000',
        payTo: PAY_TO,
      })
      return paidAnswer(TOKEN)
    }
    expect(await served()).toBe(200)
    expect(asked.payments).toBe(1)
  })

  test('the wallet is told the time, and for how long it may be valid: at most 120 s', async () => {
    for (const [offered, expected] of [
      [60, 60],
      [3_600, 120],
    ] as const) {
      const prepared: unknown[] = []
      const { wallet } = scene()
      const spy: Wallet = {
        ...wallet,
        prepare: (terms, context) => {
          prepared.push({ amount: terms.amount, ...context })
          return wallet.prepare(terms, context)
        },
      }
      const { served, gateway } = scene({ wallets: [spy] })
      gateway.bare = ({ token }) => (token ? new Response('{}') : withTimeout(offered))
      expect(await served()).toBe(200)
      expect(prepared).toMatchObject([
        { amount: DOLLAR, now: START / 1_000, validity: expected, rpc: ['https://rpc.test'] },
      ])
    }
  })

  test('the address of the first payment is pinned, and no other is paid from then on, nor after a restart', async () => {
    const { served, failed, gateway, store, asked, restart, run } = scene()
    gateway.bare = () => paymentRequired()
    gateway.paid = () => paidAnswer()
    await served()
    expect(await store.get(PIN)).toBe(PAY_TO)
    await served()
    expect(asked.payments).toBe(2)
    gateway.bare = () => paymentRequiredOf({ payTo: PAYER })
    const refused = { code: 'no_acceptable_offer', fundsMoved: 'no' }
    expect(await failed()).toMatchObject(refused)
    await expect(run(restart().call())).rejects.toMatchObject(refused)
    expect(asked.payments).toBe(2)
  })

  test('an address that another process pinned meanwhile wins', async () => {
    const { failed, store, asked, budget, payments } = scene({
      approve: async () => (await store.update(PIN, () => PAYER)) !== undefined,
    })
    const error = await failed()
    expect(String(error)).toContain('asks to pay another address than before. Funds moved: no')
    expect(error).toMatchObject({
      code: 'pay_to_changed',
      fundsMoved: 'no',
      statusCode: 402,
      context: { origin: ORIGIN, network: NETWORK, payTo: PAY_TO },
    })
    expect(asked.payments).toBe(0)
    expect(await budget()).toMatchObject({ reserved: 0n, spent: 0n })
    expect(await payments()).toMatchObject([{ state: 'abandoned', reason: 'pay_to_changed' }])
  })

  test('nothing is pinned where the user names who may be paid', async () => {
    const { served, store } = scene({ payTo: [PAY_TO] })
    await store.update(PIN, () => PAYER)
    expect(await served()).toBe(200)
    expect(await store.get(PIN)).toBe(PAYER)
  })

  test('a pin that cannot be read is an error, and nothing is signed', async () => {
    const { failed, store, asked } = scene()
    await store.update(PIN, () => ({ payTo: PAY_TO }))
    expect(await failed()).toMatchObject({ code: 'store_unreadable', context: { key: PIN } })
    expect(asked.payments).toBe(0)
  })

  test('a wallet that fails before it signs, or instead, frees what was reserved', async () => {
    const { wallet } = scene()
    const broken = async () => Promise.reject(new Error('device unplugged'))
    const wallets: Wallet[] = [
      { ...wallet, prepare: broken },
      {
        ...wallet,
        prepare: async (...args) => ({ ...(await wallet.prepare(...args)), sign: broken }),
      },
    ]
    for (const each of wallets) {
      const { failed, sent, budget, payments } = scene({ wallets: [each] })
      const error = await failed()
      expect(error).toMatchObject({ code: 'wallet_failed', fundsMoved: 'no' })
      expect(String(error)).toContain('The wallet could not pay: device unplugged.')
      expect(sent().times).toBe(0)
      expect(await budget()).toMatchObject({ reserved: 0n, spent: 0n })
      expect(await payments()).toMatchObject([{ state: 'abandoned', reason: 'wallet_failed' }])
    }
  })

  test.each([
    ['network', 'eip155:1'],
    ['asset', PAYER],
    ['amount', 2_000_000n],
    ['payTo', PAYER],
    ['from', PAY_TO],
  ])(
    'a wallet that would sign another %s than was approved is not asked to',
    async (field, value) => {
      const { wallet } = scene()
      const other: Wallet = {
        ...wallet,
        prepare: async (...args) => {
          const prepared = await wallet.prepare(...args)
          return { ...prepared, summary: { ...prepared.summary, [field]: value } }
        },
      }
      const { failed, asked, budget } = scene({ wallets: [other] })
      expect(await failed()).toMatchObject({ code: 'wallet_failed', fundsMoved: 'no' })
      expect(asked.payments).toBe(0)
      expect(await budget()).toMatchObject({ reserved: 0n, spent: 0n })
    },
  )

  test.each(['prepare', 'sign'] as const)(
    'a caller who leaves while the wallet is at it (%s) is not paid for, whatever it signs later',
    async (step) => {
      const caller = new AbortController()
      let finish = () => {}
      const stuck = new Promise<void>((resolve) => {
        finish = resolve
      })
      const { wallet } = scene()
      const slow: Wallet = {
        ...wallet,
        prepare: async (...args) => {
          const prepared = await wallet.prepare(...args)
          caller.signal.throwIfAborted()
          if (step === 'prepare') {
            caller.abort()
            await stuck
          }
          const sign = async () => {
            caller.abort()
            await stuck
            return prepared.sign()
          }
          return { ...prepared, ...(step === 'sign' && { sign }) }
        },
      }
      const { failed, runtime, sent, budget } = scene({ wallets: [slow] })
      expect(await failed('/call', { signal: caller.signal })).toMatchObject({ code: 'aborted' })
      finish()
      await runtime.settle()
      expect(sent().times).toBe(0)
      expect(await budget()).toMatchObject({ reserved: 0n, spent: 0n })
    },
  )

  test('a caller who leaves when all is signed and written is not paid for either', async () => {
    const caller = new AbortController()
    const { failed, sent, budget, payments } = scene({
      around: (store) => ({
        ...store,
        update: async (key, change) => {
          const value = await store.update(key, change)
          if (stateOf(value) === 'signed') caller.abort()
          return value
        },
      }),
    })
    const error = await failed('/call', { signal: caller.signal })
    expect(error).toMatchObject({ code: 'aborted', fundsMoved: 'no' })
    expect(sent().times).toBe(0)
    expect(await budget()).toMatchObject({ reserved: 0n, spent: 0n })
    expect(await payments()).toMatchObject([{ state: 'abandoned', reason: 'aborted' }])
  })

  test('an attempt that cannot be given up is given up by the next call', async () => {
    let isDown = false
    const { failed, served, budget, asked, payments } = scene({
      around: (store) => ({
        ...store,
        update: (key, change) =>
          isDown ? Promise.reject(new Error('disk full')) : store.update(key, change),
      }),
      approve: () => {
        isDown = asked.payments === 0 && !isDown
        return !isDown
      },
    })
    expect(await failed()).toMatchObject({ code: 'approval_denied' })
    expect(await payments()).toMatchObject([{ state: 'intended' }])
    isDown = false
    asked.payments = 1
    expect(await served()).toBe(200)
    expect(await budget()).toMatchObject({ reserved: 0n, spent: DOLLAR })
    expect((await payments()).map(({ state }) => state).sort()).toEqual(['abandoned', 'settled'])
  })
})

describe('approve', () => {
  test('is asked with what is about to be signed, and true lets it be', async () => {
    const asked: unknown[] = []
    const { served, runtime } = scene({ approve: (intent) => asked.push(intent) > 0 })
    expect(await served()).toBe(200)
    expect(asked).toEqual([
      {
        origin: ORIGIN,
        path: '/call',
        network: NETWORK,
        amount: DOLLAR,
        payTo: PAY_TO,
        from: PAYER,
      },
    ])
    expect(runtime.pending()).toBe(0)
  })

  test.each([
    ['false', undefined, () => false],
    ['something that is not true', undefined, () => 'yes' as unknown as boolean],
    ['an error', new Error('closed'), () => Promise.reject(new Error('closed'))],
  ])('that answers %s keeps it from being signed', async (_, cause, approve) => {
    const { failed, asked, budget, payments, runtime } = scene({ approve })
    const error = await failed()
    expect(error).toMatchObject({ code: 'approval_denied', fundsMoved: 'no' })
    expect(String(error)).toContain('A payment of $1.00 was not approved. Funds moved: no')
    expect((error as Error).cause).toEqual(cause)
    expect((error as { context?: object }).context).toMatchObject({
      amount: '1000000',
      payTo: PAY_TO,
    })
    expect(asked.payments).toBe(0)
    expect(await budget()).toMatchObject({ reserved: 0n, spent: 0n })
    expect(await payments()).toMatchObject([{ state: 'abandoned', reason: 'approval_denied' }])
    expect(runtime.pending()).toBe(0)
  })

  test('that throws at once keeps it from being signed', async () => {
    const approve = () => {
      throw new Error('bug')
    }
    const { failed, asked } = scene({ approve })
    expect(await failed()).toMatchObject({ code: 'approval_denied', cause: new Error('bug') })
    expect(asked.payments).toBe(0)
  })

  test('that is silent for two minutes has said no', async () => {
    const { call, runtime, asked } = scene({ approve: () => new Promise(() => {}) })
    let outcome: unknown
    call().catch((error) => {
      outcome = error
    })
    await runtime.advance(119_999)
    expect(outcome).toBeUndefined()
    await runtime.advance(1)
    expect(outcome).toMatchObject({ code: 'approval_denied' })
    expect(asked.payments).toBe(0)
  })

  test('is not waited for by a caller who leaves', async () => {
    const caller = new AbortController()
    const { failed, asked, budget, runtime, store } = scene({
      approve: () => {
        caller.abort()
        return new Promise(() => {})
      },
    })
    expect(await failed('/call', { signal: caller.signal })).toMatchObject({ code: 'aborted' })
    expect(asked.payments).toBe(0)
    expect(await budget()).toMatchObject({ reserved: 0n, spent: 0n })
    expect(await store.get(STORE_KEYS.need)).toBeUndefined()
    expect(runtime.pending()).toBe(0)
  })
})

function paymentRequiredOf(change: object, seconds = 60): Response {
  const offer = JSON.parse(atob(paymentRequired().headers.get('payment-required') ?? ''))
  offer.accepts = [{ ...offer.accepts[0], maxTimeoutSeconds: seconds, ...change }]
  const terms = btoa(JSON.stringify(offer))
  return new Response(null, { status: 402, headers: { 'payment-required': terms } })
}

function withTimeout(seconds: number): Response {
  return paymentRequiredOf({}, seconds)
}
