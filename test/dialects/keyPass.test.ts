import { describe, expect, test } from 'vitest'
import { buyKeyPass } from '../../packages/sdk/src/dialects/aixbt/buyKeyPass'
import { KeyPassLimitError } from '../../packages/sdk/src/dialects/aixbt/errors'
import type { KeyPass } from '../../packages/sdk/src/dialects/aixbt/KeyPass'
import {
  type KeyPasses,
  oneKey,
  passKeeper,
} from '../../packages/sdk/src/dialects/aixbt/passKeeper'
import { sendWithKey } from '../../packages/sdk/src/dialects/aixbt/sendWithKey'
import { parseBase } from '../../packages/sdk/src/exchange'
import { agentScene, bought, terms } from '../agent/agentScene'
import { failure } from '../payment/scene'
import { ORIGIN } from '../simulation/World'
import { START, virtualRuntime } from '../support/virtualRuntime'

const KEY = 'some-key-of-somebody'
const DAY = 86_400_000
const dataOf = (change: object = {}) => ({
  apiKey: KEY,
  expiresAt: new Date(START + DAY).toISOString(),
  period: '1d',
  scopes: ['mcp'],
  rateLimit: { requestsPerMinute: 30, requestsPerDay: 10_000 },
  ...change,
})
const answerOf = (data: unknown) => bought(JSON.stringify({ status: 201, data }))

describe('the answer with a key', () => {
  const buy = (scene: ReturnType<typeof agentScene>, save: (pass: KeyPass) => void = () => {}) =>
    buyKeyPass(scene.agent(), '1d', { save, baseURL: ORIGIN })

  test.each([
    ['no key', { apiKey: undefined }],
    ['a key that no header can carry', { apiKey: 'some key\r\nof somebody' }],
    ['a key that is too short', { apiKey: 'short' }],
    ['a key of another period', { period: '4w' }],
    ['a key without end', { expiresAt: 'never' }],
  ])('is kept where it has %s, and not paid for twice', async (_, change) => {
    const scene = agentScene()
    scene.seller.paid = () => answerOf(dataOf(change))
    for (const again of [1, 2]) {
      const error = await scene.run(failure(buy(scene)))
      expect(error, String(again)).toMatchObject({ code: 'malformed_answer', fundsMoved: 'yes' })
      scene.restart()
    }
    expect(scene.asked.payments).toBe(1)
    const init = { method: 'POST', idempotencyKey: 'aixbt 1d ' }
    const raw = await scene.run(scene.call('/x402/v2/api-keys/1d', init))
    expect(await raw.json()).toEqual({ status: 201, data: dataOf(change) })
  })

  test('that breaks off says that money may have moved', async () => {
    const body = () => new ReadableStream({ pull: (stream) => stream.error(new TypeError('cut')) })
    const wallet = { fetch: async () => new Response(body()), forget: async () => {} }
    const error = await failure(buyKeyPass(wallet, '1d', { save: () => {}, baseURL: ORIGIN }))
    const message = 'The answer broke off. Funds moved: maybe. Try again: the same payment is used.'
    expect(error).toMatchObject({ code: 'connection_error', fundsMoved: 'maybe', message })
  })

  test.each([
    ['list of scopes', { scopes: undefined }, { scopes: [] }],
    ['rate limit', { rateLimit: { requestsPerMinute: 'many' } }, { rateLimit: undefined }],
  ])('is taken without a %s', async (_, change, expected) => {
    const scene = agentScene()
    scene.seller.paid = () => answerOf(dataOf(change))
    expect(await scene.run(buy(scene))).toEqual({ ...dataOf(), ...expected })
  })

  test('is forgotten only once all who save it are done', async () => {
    const scene = agentScene()
    scene.seller.paid = () => answerOf(dataOf())
    let fail = () => {}
    const slow = new Promise<void>((_, reject) => {
      fail = () => reject(new Error('the vault is closed'))
    })
    const first = failure(buyKeyPass(scene.agent(), '1d', { save: () => slow, baseURL: ORIGIN }))
    await scene.run(buy(scene))
    fail()
    expect(await scene.run(first)).toMatchObject({ code: 'key_pass_unsaved' })
    expect(scene.asked.payments).toBe(1)
    // It was saved by one of them: the next order is another key.
    await scene.run(buy(scene))
    expect(scene.asked.payments).toBe(2)
  })

  test('is not forgotten by who has saved another one that the order bought before', async () => {
    const scene = agentScene()
    const key = (name: string) => answerOf(dataOf({ apiKey: `${KEY}-${name}` }))
    scene.seller.paid = () => key(scene.asked.payments === 1 ? 'first' : 'second')
    let end = () => {}
    const slow = new Promise<void>((resolve) => {
      end = resolve
    })
    const lingering = buyKeyPass(scene.agent(), '1d', { save: () => slow, baseURL: ORIGIN })
    await scene.run(buy(scene))
    scene.restart()
    await scene.run(buy(scene))
    const unsaved = () => {
      throw new Error('the vault is closed')
    }
    expect(await scene.run(failure(buy(scene, unsaved)))).toMatchObject({
      code: 'key_pass_unsaved',
    })
    end()
    await scene.run(lingering)
    const saved: KeyPass[] = []
    await scene.run(buy(scene, (pass) => saved.push(pass)))
    expect(saved).toMatchObject([{ apiKey: `${KEY}-second` }])
    expect(scene.asked.payments).toBe(2)
  })

  test('that is lost is asked for again with the same signature, until it comes', async () => {
    const scene = agentScene()
    scene.seller.paid = () => Promise.reject(new TypeError('fetch failed'))
    expect(await scene.run(failure(buy(scene)))).toMatchObject({ code: 'payment_unconfirmed' })
    scene.restart()
    scene.seller.paid = () => answerOf(dataOf())
    const saved: KeyPass[] = []
    await scene.run(buy(scene, (pass) => saved.push(pass)))
    expect(saved).toEqual([dataOf()])
    expect(scene.sent().different).toBe(1)
  })
})

describe('the limits of a key', () => {
  const refusal = (limitType: string | undefined, headers: Record<string, string> = {}) =>
    Response.json({ code: 'RATE_LIMIT_EXCEEDED', limitType }, { status: 429, headers })
  const scene = (answer: () => Response, maxWait = 75_000) => {
    const at: number[] = []
    const runtime = virtualRuntime({
      fetch: async () => {
        at.push(runtime.now() - START)
        return answer()
      },
    })
    const base = parseBase(ORIGIN)
    const { send } = sendWithKey({ base, runtime, timeout: 10_000, maxWait, keeper: oneKey(KEY) })
    return { at, runtime, ask: (init?: RequestInit) => send('/v2/projects', init) }
  }

  test('of a minute is waited for, as long as aixbt says, by all who ask', async () => {
    let isOver = false
    const { at, runtime, ask } = scene(() =>
      isOver ? new Response('{}') : refusal('minute', { 'retry-after': '40' }),
    )
    const first = ask()
    await runtime.settle()
    isOver = true
    const both = await runtime.run(Promise.all([first, ask()]))
    expect(both.map(({ status }) => status)).toEqual([200, 200])
    expect(at).toHaveLength(3)
    expect(Math.min(...at.slice(1))).toBeGreaterThanOrEqual(40_000)
    expect(Math.max(...at)).toBeLessThanOrEqual(41_000)
  })

  test.each([
    ['says nothing of time', {}, 60_000],
    ['says that it is over at once, each time', { 'retry-after': '0' }, 500],
  ])('is given up within its bound where aixbt %s', async (_, headers, step) => {
    const { at, runtime, ask } = scene(() => refusal('minute', headers))
    const error = await runtime.run(failure(ask()))
    expect(error).toBeInstanceOf(KeyPassLimitError)
    expect(error).toMatchObject({ limitType: 'minute' })
    expect(runtime.now() - START).toBeLessThanOrEqual(75_000)
    expect(at.length).toBeLessThanOrEqual(75_000 / step + 1)
  })

  test.each([
    ['by its word', refusal.bind(null, 'day', { 'retry-after': '7200' })],
    [
      'by its headers',
      refusal.bind(null, undefined, {
        'retry-after': '7200',
        'x-ratelimit-limit-day': '10000',
        'x-ratelimit-remaining-day': '0',
        'x-ratelimit-reset-day': new Date(START + 7_200_000).toISOString(),
      }),
    ],
  ])('of a day is not waited for, %s', async (_, answer) => {
    const { at, runtime, ask } = scene(() => answer())
    const error = await runtime.run(failure(ask()))
    expect(error).toMatchObject({
      limitType: 'day',
      retryAfter: 7_200,
      endsAt: new Date(START + 7_200_000).toISOString(),
    })
    await runtime.run(failure(ask()))
    expect(at).toEqual([0])
    await runtime.advance(7_200_000)
    await runtime.run(failure(ask()))
    expect(at).toEqual([0, 7_200_000])
  })
})

describe('a renewal', () => {
  const inMemory = (pass?: KeyPass) => ({
    load: () => pass,
    save: (bought: KeyPass) => {
      pass = bought
    },
  })
  const keeping = (scene: ReturnType<typeof agentScene>, passes: KeyPasses = inMemory()) => {
    const renew = { period: '1d', before: '1h' } as const
    return passKeeper({
      passes,
      renewal: { wallet: scene.agent(), renew },
      baseURL: ORIGIN,
      runtime: scene.runtime,
    })
  }

  test('takes over a key that was paid for long ago, and buys one that lasts', async () => {
    const scene = agentScene()
    const late = dataOf({ expiresAt: new Date(START - 1).toISOString() })
    scene.seller.paid = () => answerOf(scene.asked.payments === 1 ? late : dataOf())
    const keeper = keeping(scene)
    expect(await scene.run(keeper.current(undefined))).toBe(KEY)
    expect(scene.asked.payments).toBe(2)
  })

  test('is bought once by two processes, however late one of them hears the price', async () => {
    const scene = agentScene()
    scene.seller.paid = () => answerOf(dataOf())
    let ask = () => {}
    const late = new Promise<Response>((resolve) => {
      ask = () => resolve(terms())
    })
    scene.seller.bare = () => (scene.seen.length === 1 ? late : terms())
    const vault = inMemory()
    const keeper = () => keeping(scene, vault)
    const slow = keeper().current(undefined)
    await scene.runtime.settle()
    scene.restart()
    expect(await scene.run(keeper().current(undefined))).toBe(KEY)
    ask()
    expect(await scene.run(slow)).toBe(KEY)
    expect(scene.asked.payments).toBe(1)
  })

  test('is not made where another process has saved a key since', async () => {
    const scene = agentScene()
    let vault: KeyPass | undefined
    let looks = 0
    const load = () => {
      if (++looks === 2) vault = { ...dataOf(), period: '1d' }
      return vault
    }
    const keeper = keeping(scene, { load, save: () => {} })
    expect(await scene.run(keeper.current(undefined))).toBe(KEY)
    expect(scene.asked.payments).toBe(0)
  })

  test('stops where every key that is sold has ended', async () => {
    const scene = agentScene()
    scene.seller.paid = () => answerOf(dataOf({ expiresAt: new Date(START).toISOString() }))
    const keeper = keeping(scene)
    for (let call = 0; call < 3; call++) {
      expect(await scene.run(failure(keeper.current(undefined)))).toMatchObject({
        code: 'key_pass_ended',
        fundsMoved: 'yes',
      })
    }
    expect(scene.asked.payments).toBe(2)
  })

  test('is not made for a key that aixbt calls expired long before its end', async () => {
    const scene = agentScene()
    const pass = { ...dataOf(), period: '1d' } as const
    const keeper = keeping(scene, inMemory(pass))
    expect(await scene.run(keeper.current(undefined))).toBe(KEY)
    expect(await scene.run(keeper.replace(KEY, 'expired'))).toBe(false)
    await scene.runtime.advance(DAY - 3_600_001)
    expect(await scene.run(keeper.replace(KEY, 'expired'))).toBe(false)
    await scene.runtime.advance(1)
    expect(await scene.run(keeper.replace(KEY, 'expired'))).toBe(true)
  })
})
