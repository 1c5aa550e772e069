import { beforeEach, describe, expect, test } from 'vitest'
// @boundaries-ignore a test may use what all tests share
import { START, virtualRuntime } from '../../../../test/support/virtualRuntime'
import { gatewayClock } from '../clock'
import { type ARouterError, isARouterError } from '../errors'
import { carry, type Exchange, NOT_YET_SENT, parseBase } from '../exchange'
import { answerOffer } from '../siwx/answerOffer'
import { memoryStore } from '../store/memory'
import type { Store } from '../store/Store'
import { distrust, renew } from './renew'
import { createSession, type SessionParameters } from './Session'
import { createSessions } from './Sessions'

const ADDRESS = '0x00000000000000000000000000000000000000bb'
const OTHER = '0x00000000000000000000000000000000000000cc'
const ORIGIN = 'https://gateway.test'
const KEY = `session/${ORIGIN}/${ADDRESS}`
const CALM_KEY = `calm/${ORIGIN}/${ADDRESS}`
const START_S = START / 1000

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const tokenWith = (claims: object) => `h.${part({ sub: ADDRESS, ...claims })}.s`
const accepts = (jwt: string) => () => new Response(JSON.stringify({ jwt }))
const refuses = (status: number) => () => new Response('{}', { status })

let gateway: (signal: AbortSignal | null) => Response | Promise<Response>
let signIns = 0

const runtime = () =>
  virtualRuntime({
    fetch: async (url, init) => {
      expect(String(url)).toBe(`${ORIGIN}/v1/x402/auth`)
      signIns++
      return gateway(init?.signal ?? null)
    },
  })

function open(options: Partial<SessionParameters> & { time?: ReturnType<typeof runtime> } = {}) {
  const time = options.time ?? runtime()
  const store = options.store ?? memoryStore()
  let told = 0
  const session = createSession({
    base: parseBase(ORIGIN),
    runtime: time,
    clock: gatewayClock(time),
    store,
    signer: { address: ADDRESS, signMessage: async () => 'signed' },
    chainId: '8453',
    statement: 'Sign in',
    timeout: 10_000,
    loadSignIn: async () => ({ answerOffer, distrust, renew }),
    onSignedIn: () => {
      told++
    },
    ...options,
  })
  return { session, time, store, told: () => told }
}

const exchange = (): Exchange => ({
  url: ORIGIN,
  method: 'GET',
  headers: new Headers({ authorization: 'Basic of the caller' }),
  body: undefined,
  init: undefined,
  signal: undefined,
  timeout: 1,
  ...NOT_YET_SENT,
})

async function failure(promise: Promise<unknown>): Promise<ARouterError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!isARouterError(error)) throw new Error(`not a typed error: ${String(error)}`)
  return error
}

beforeEach(() => {
  signIns = 0
  gateway = refuses(500)
})

describe('a session', () => {
  test('has no token until it signs in, and then has it at once and in the store', async () => {
    const { session, time, store, told } = open()
    expect(session.current()).toBeUndefined()
    expect(await session.newest()).toBeUndefined()
    const jwt = tokenWith({ exp: START_S + 600 })
    gateway = accepts(jwt)
    const token = { jwt, expiresAt: START_S + 600 }
    expect(await time.run(session.signIn(undefined))).toEqual(token)
    expect(session.current()).toEqual(token)
    expect(await store.get(KEY)).toEqual({ v: 1, jwt, exp: START_S + 600 })
    expect(await open({ store }).session.newest()).toEqual(token)
    expect(told()).toBe(1)
  })

  test('whose token states no end keeps it', async () => {
    const { session, time, store } = open()
    const jwt = tokenWith({})
    gateway = accepts(jwt)
    await time.run(session.signIn(undefined))
    expect(await store.get(KEY)).toEqual({ v: 1, jwt, exp: null })
    await time.advance(1e12)
    expect(session.current()?.jwt).toBe(jwt)
    expect(await open({ store }).session.newest()).toEqual({ jwt, expiresAt: undefined })
    expect(signIns).toBe(1)
  })

  test('signs in once for a thousand who ask at a time', async () => {
    const { session, time, told } = open()
    gateway = accepts(tokenWith({}))
    const tokens = await time.run(
      Promise.all(Array.from({ length: 1_000 }, () => session.signIn(undefined))),
    )
    expect(new Set(tokens.map(({ jwt }) => jwt)).size).toBe(1)
    expect(signIns).toBe(1)
    expect(told()).toBe(1)
  })

  test('that fails to sign in tells each who asked with an error of its own', async () => {
    const { session, time } = open()
    gateway = refuses(404)
    const asked = [session.signIn(undefined), session.signIn(undefined)].map(failure)
    const [one, two] = await time.run(Promise.all(asked))
    expect(one).not.toBe(two)
    expect([one?.code, two?.code]).toEqual(['sign_in_unavailable', 'sign_in_unavailable'])
  })

  test('stops signing in when all who asked have gone', async () => {
    const { session, time } = open()
    let isStopped = false
    gateway = (signal) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          isStopped = true
          reject(new Error('stopped'))
        })
      })
    const caller = new AbortController()
    const asked = failure(session.signIn(caller.signal))
    await time.settle()
    caller.abort()
    expect((await time.run(asked)).code).toBe('aborted')
    await time.settle()
    expect(isStopped).toBe(true)
  })

  test('does not ask again where the gateway has no sign-in', async () => {
    const { session, time } = open()
    gateway = refuses(404)
    await time.run(failure(session.signIn(undefined)))
    expect((await time.run(failure(session.signIn(undefined)))).code).toBe('sign_in_unavailable')
    expect(signIns).toBe(1)
  })

  test('asks again after a failure that says nothing of the next try', async () => {
    const { session, time } = open()
    expect((await time.run(failure(session.signIn(undefined)))).code).toBe('sign_in_failed')
    gateway = accepts(tokenWith({}))
    expect(await time.run(session.signIn(undefined))).toBeDefined()
  })

  test.each([
    ['malformed', 'no token'],
    ['expired', tokenWith({ exp: START_S })],
    ['made out to another wallet', tokenWith({ sub: OTHER })],
  ])('that is answered with a token that is %s says so, and keeps none', async (_, jwt) => {
    const { session, time, store, told } = open()
    gateway = accepts(jwt)
    const error = await time.run(failure(session.signIn(undefined)))
    expect(error.code).toBe('authentication_error')
    expect(error.message).toContain('a token that cannot be used')
    expect(error.message).toContain('Funds moved: no.')
    expect(session.current()).toBeUndefined()
    expect(await store.get(KEY)).toBeUndefined()
    expect(told()).toBe(0)
  })

  test('adopts a token that came with an answer, if it is ours', async () => {
    const { session, store } = open()
    expect(await session.adopt(tokenWith({ sub: OTHER }))).toBeUndefined()
    expect(await session.adopt(undefined)).toBeUndefined()
    expect(await store.list('')).toEqual([])
    const jwt = tokenWith({ exp: START_S + 60 })
    expect(await session.adopt(jwt)).toEqual({ jwt, expiresAt: START_S + 60 })
    expect(session.current()?.jwt).toBe(jwt)
  })

  test('drops a token that was refused, and takes the newer one of another process', async () => {
    const { session, store } = open()
    const [old, newer] = [tokenWith({ n: 1 }), tokenWith({ n: 2, exp: START_S + 60 })]
    await session.adopt(old)
    await open({ store }).session.adopt(newer)
    expect(session.current()?.jwt).toBe(old)
    const token = { jwt: newer, expiresAt: START_S + 60 }
    expect(await session.evict({ jwt: old })).toEqual(token)
    expect(session.current()).toEqual(token)
    expect(await session.evict({ jwt: newer })).toBeUndefined()
    expect(session.current()).toBeUndefined()
    expect(await store.get(KEY)).toBeUndefined()
  })

  test('refuses a record it cannot read', async () => {
    for (const record of [null, 'jwt', [], {}, { v: 2, jwt: 'a.b.c' }, { v: 1, jwt: 5 }]) {
      const { session, store } = open()
      await store.update(KEY, () => record)
      const error = await failure(session.newest())
      expect(error.code).toBe('store_unreadable')
      expect(error.message).toContain(KEY)
    }
  })

  test('has nothing to drop where the store has no token', async () => {
    const { session } = open()
    expect(await session.evict({ jwt: tokenWith({}) })).toBeUndefined()
  })

  test('writes its token and nothing else where all goes well', async () => {
    const writes: string[] = []
    const memory = memoryStore()
    const store: Store = {
      ...memory,
      update: (key, change) => {
        writes.push(key)
        return memory.update(key, change)
      },
    }
    const { session, time } = open({ store })
    gateway = accepts(tokenWith({}))
    await time.run(session.signIn(undefined))
    expect(writes).toEqual([KEY])
  })

  test('signs in with the nonce that a 402 offered, once, and answers an offer to prove itself', async () => {
    const messages: string[] = []
    const signer = {
      address: ADDRESS,
      signMessage: async (message: string) => {
        messages.push(message)
        return 'signed'
      },
    }
    const { session, time } = open({ signer })
    gateway = accepts(tokenWith({}))
    const info = { domain: 'gateway.test', uri: ORIGIN, nonce: 'offered12345' }
    const offer = { info, supportedChains: [{ chainId: 'eip155:8453' }] }
    const header = Buffer.from(JSON.stringify({ extensions: { 'sign-in-with-x': offer } }))
    session.heed(header.toString('base64'))
    await time.run(session.signIn(undefined))
    await time.run(session.signIn(undefined))
    expect(messages.map((message) => message.includes('offered12345'))).toEqual([true, false])
    const proof = await time.run(
      session.prove(header.toString('base64'), `${ORIGIN}/call?prompt=secret`, undefined),
    )
    expect(JSON.parse(atob(proof ?? ''))).toMatchObject({ address: ADDRESS, signature: 'signed' })
    expect(messages[2]).not.toContain('secret')
  })

  test('knows the latest of its requests that was served, whatever came back last', () => {
    const { session } = open()
    expect(session.served()).toEqual({ turn: 0, sentAt: 0 })
    session.serve({ ...exchange(), turn: 5, sentAt: START_S })
    session.serve({ ...exchange(), turn: 3, sentAt: START_S - 1 })
    expect(session.served()).toEqual({ turn: 5, sentAt: START_S })
  })

  test('has the address of its wallet', () => {
    expect(open().session.address).toBe(ADDRESS)
  })
})

describe('a token that states its end', () => {
  const startWith = async (seconds: number, options: Partial<SessionParameters> = {}) => {
    const opened = open(options)
    const old = tokenWith({ exp: START_S + seconds })
    const renewed = tokenWith({ n: 2, exp: START_S + 2 * seconds })
    gateway = accepts(renewed)
    await opened.session.adopt(old)
    const seenAt = async (second: number) => {
      await opened.time.advance(START + second * 1_000 - opened.time.now())
      const { session } = opened
      return { '': 'none', [old]: 'old', [renewed]: 'renewed' }[session.current()?.jwt ?? '']
    }
    return { ...opened, seenAt }
  }

  test('is renewed half a minute before, once, and used meanwhile', async () => {
    const { seenAt } = await startWith(600)
    expect(await seenAt(569)).toBe('old')
    expect(signIns).toBe(0)
    expect(await seenAt(570)).toBe('old')
    expect(await seenAt(570)).toBe('renewed')
    expect(await seenAt(600)).toBe('renewed')
    expect(signIns).toBe(1)
  })

  test('is renewed in the last tenth of a short life', async () => {
    const { seenAt } = await startWith(100)
    expect(await seenAt(89)).toBe('old')
    expect(await seenAt(90)).toBe('old')
    expect(await seenAt(91)).toBe('renewed')
    expect(signIns).toBe(1)
  })

  test('is used to its end, and not after it, where it cannot be renewed', async () => {
    const { seenAt } = await startWith(600)
    gateway = refuses(401)
    expect(await seenAt(580)).toBe('old')
    expect(await seenAt(590)).toBe('old')
    expect(await seenAt(599)).toBe('old')
    expect(await seenAt(600)).toBe('none')
    expect(signIns).toBe(1)
  })

  test('is not renewed ahead where that would ask a person', async () => {
    const { seenAt } = await startWith(600, {
      signer: { address: ADDRESS, signMessage: async () => 'signed', interactive: true },
    })
    expect(await seenAt(599)).toBe('old')
    expect(await seenAt(600)).toBe('none')
    expect(signIns).toBe(0)
  })
})

describe('a sign-in that is refused', () => {
  test('is not tried again for 1, 2, 4 seconds, by no process on the store', async () => {
    const { session, time, store } = open()
    gateway = refuses(401)
    const error = await time.run(failure(session.signIn(undefined)))
    expect(error.code).toBe('authentication_error')
    const other = open({ time, store }).session
    const tryAt = async (ms: number) => {
      await time.advance(START + ms - time.now())
      return time.run(failure(other.signIn(undefined)))
    }
    const calm = await tryAt(999)
    expect(calm.message).toContain('not tried again for 1 s. Funds moved: no.')
    expect(calm.context.calm).toBe(1)
    expect(signIns).toBe(1)
    await tryAt(1_000)
    expect((await tryAt(2_999)).context.calm).toBe(1)
    expect(signIns).toBe(2)
    await tryAt(3_000)
    expect((await tryAt(3_001)).message).toContain('for 4 s')
    expect(signIns).toBe(3)
  })

  test('is forgotten once one succeeds', async () => {
    const { session, time, store } = open()
    gateway = refuses(401)
    await time.run(failure(session.signIn(undefined)))
    expect(await store.get(CALM_KEY)).toMatchObject({ failures: 1 })
    await time.advance(1_000)
    gateway = accepts(tokenWith({}))
    await time.run(session.signIn(undefined))
    expect(await store.get(CALM_KEY)).toBeUndefined()
  })

  test('is what the caller hears, though it cannot be noted', async () => {
    const memory = memoryStore()
    const store: Store = { ...memory, update: async () => Promise.reject(new Error('disk full')) }
    const { session, time } = open({ store })
    gateway = refuses(401)
    expect((await time.run(failure(session.signIn(undefined)))).code).toBe('authentication_error')
  })

  test('and a gateway that is down are not the same: the latter is tried at once', async () => {
    const { session, time, store } = open()
    gateway = refuses(503)
    await time.run(failure(session.signIn(undefined)))
    expect(await store.get(CALM_KEY)).toBeUndefined()
  })

  test('may be one whose token was refused at once', async () => {
    const { session, time, store } = open()
    await session.distrust()
    await session.distrust()
    expect(await store.get(CALM_KEY)).toEqual({ v: 1, failures: 2, until: START + 2_000 })
    expect((await time.run(failure(session.signIn(undefined)))).context.calm).toBe(2_000)
    expect(signIns).toBe(0)
  })

  test('on a record it cannot read is not tried', async () => {
    const { session, time, store } = open()
    await store.update(CALM_KEY, () => 'damaged')
    const error = await time.run(failure(session.signIn(undefined)))
    expect(error.code).toBe('store_unreadable')
    expect(error.message).toContain(CALM_KEY)
    expect(signIns).toBe(0)
  })

  test('for a reason nobody foresaw is typed, with its cause', async () => {
    const cause = new Error('bug')
    const store: Store = { ...memoryStore(), get: async () => Promise.reject(cause) }
    const { session, time } = open({ store })
    const error = await time.run(failure(session.signIn(undefined)))
    expect(error).toMatchObject({ code: 'sign_in_failed', statusCode: 0, cause })
    expect(error.message).toContain('Signing in failed. Funds moved: no.')
  })
})

describe('an exchange', () => {
  test('carries a token as its bearer, or nothing of the caller’s', () => {
    const sent = exchange()
    carry(sent, { jwt: 'a.b.c' })
    expect(sent.headers.get('authorization')).toBe('Bearer a.b.c')
    expect(sent.token).toEqual({ jwt: 'a.b.c' })
    carry(sent, undefined)
    expect(sent.headers.has('authorization')).toBe(false)
    expect(sent.token).toBeUndefined()
  })
})

describe('the sessions of several wallets', () => {
  test('begin with the first, and change to the wallet that paid', () => {
    const one = open().session
    const two = open({ signer: { address: OTHER, signMessage: async () => 'signed' } }).session
    const sessions = createSessions(one, two)
    expect(sessions.active()).toBe(one)
    expect(sessions.activate(OTHER)).toBe(two)
    expect(sessions.active()).toBe(two)
    expect(sessions.activate('0x of nobody')).toBe(two)
    expect(sessions.activate(ADDRESS)).toBe(one)
  })
})
