import { describe, expect, test, vi } from 'vitest'
// @boundaries-ignore a test may use what all tests share
import { START, type VirtualRuntime, virtualRuntime } from '../../../test/support/virtualRuntime'
import { ConnectionError, isARouterError, TimeoutError } from './errors'
import {
  abortable,
  aborted,
  createExchange,
  discard,
  parseBase,
  throwIfAborted,
  transport,
} from './exchange'

const base = parseBase('https://gateway.example')
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => error,
  )

function thrown(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error
  }
}

describe('a base URL', () => {
  test.each([
    ['https://gateway.example', 'https://gateway.example'],
    ['https://gateway.example/', 'https://gateway.example'],
    ['https://GATEWAY.example:443/api///', 'https://gateway.example/api'],
    ['https://gateway.example:8443/a/../b', 'https://gateway.example:8443/b'],
    ['https://xn--bcher-kva.example', 'https://xn--bcher-kva.example'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
  ])('%s is read as %s', (baseURL, url) => {
    expect(parseBase(baseURL)).toEqual({ url, origin: new URL(url).origin, loopback: false })
  })

  test.each([
    'http://localhost:4021',
    'http://gateway.localhost',
    'http://127.0.0.1',
    'http://127.8.9.10:80',
    'http://127.1',
    'http://[::1]:4021',
  ])('%s is of this machine, and may be plain http', (baseURL) => {
    expect(parseBase(baseURL).loopback).toBe(true)
  })

  test.each([
    'http://gateway.example',
    'http://localhost.gateway.example',
    'http://127.0.0.1.gateway.example',
    'http://127-0-0-1.gateway.example',
    'http://notlocalhost',
    'http://localhost./',
    'http://0.0.0.0',
    'http://10.0.0.1',
    'http://[::]',
    'http://[::ffff:10.0.0.1]',
    'http://128.0.0.1',
  ])('%s is refused: plain http, and not this machine', (baseURL) => {
    expect(
      isARouterError(
        thrown(() => parseBase(baseURL)),
        'insecure_url',
      ),
    ).toBe(true)
  })

  test.each([
    '',
    'gateway.example',
    '/v1',
    '//gateway.example',
    'ftp://gateway.example',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/plain,x',
    'blob:https://gateway.example/1',
    'https://user@gateway.example',
    'https://user:password@gateway.example',
    'https://gateway.example?key=1',
    'https://gateway.example#a',
    'https://',
    'https://a b',
  ])('%j is no base URL', (baseURL) => {
    expect(
      isARouterError(
        thrown(() => parseBase(baseURL)),
        'invalid_url',
      ),
    ).toBe(true)
  })

  test.each([undefined, null, 5, {}])('%s is no base URL', (baseURL) => {
    // @ts-expect-error what JavaScript callers may pass
    const error = thrown(() => parseBase(baseURL))
    expect(isARouterError(error, 'invalid_url')).toBe(true)
  })

  test('with a password is refused without quoting it', () => {
    const error = thrown(() => parseBase('https://user:hunter22@gateway.example'))
    expect(String(error)).not.toContain('hunter22')
  })
})

describe('the URL of a call', () => {
  const urlOf = async (input: string | URL | Request, of = base) =>
    (await createExchange(of, input, undefined, 1_000)).url

  test.each([
    ['/v1/models', 'https://gateway.example/v1/models'],
    ['/v1/models?a=b', 'https://gateway.example/v1/models?a=b'],
    ['https://gateway.example/v1', 'https://gateway.example/v1'],
    ['https://gateway.example:443/v1', 'https://gateway.example/v1'],
    ['HTTPS://GATEWAY.EXAMPLE/v1', 'https://gateway.example/v1'],
  ])('%s is sent to %s', async (input, url) => {
    expect(await urlOf(input)).toBe(url)
  })

  test('keeps the prefix of the base URL before a path', async () => {
    expect(await urlOf('/models', parseBase('https://gateway.example/v1/'))).toBe(
      'https://gateway.example/v1/models',
    )
  })

  test('may be a URL or a Request', async () => {
    expect(await urlOf(new URL('https://gateway.example/a'))).toBe('https://gateway.example/a')
    expect(await urlOf(new Request('https://gateway.example/a'))).toBe('https://gateway.example/a')
  })

  test.each([
    'https://evil.example/v1',
    'https://gateway.example.evil.example/',
    'https://evil.example#@gateway.example/',
    'https://evil.example\\@gateway.example/',
    'https:\\\\evil.example/',
    'https:evil.example',
    'https://gateway.example./v1',
    'https://gateway.example:8443/v1',
    'http://gateway.example/v1',
    'https://user@gateway.example/v1',
    'https://gateway.example@evil.example/',
    'https://gаteway.example/v1',
    'https://gateway。example.evil.example/',
    'wss://gateway.example/v1',
    'ftp://gateway.example/v1',
    'data:text/plain,x',
    'javascript:alert(1)',
    ' https://evil.example/',
    'h\nttps://evil.example/',
  ])('%j of another origin is refused', async (input) => {
    const error = await errorOf(urlOf(input))
    expect(isARouterError(error, 'cross_origin')).toBe(true)
    expect(error).toMatchObject({ fundsMoved: 'no' })
  })

  test.each(['', 'v1/models', '//evil.example/v1', '///evil.example', '\\\\evil.example', '?a=b'])(
    '%j is neither a path nor absolute',
    async (input) => {
      expect(isARouterError(await errorOf(urlOf(input)), 'invalid_url')).toBe(true)
    },
  )

  test.each([
    '/\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example/',
    '/@evil.example',
    '/.evil.example',
    '/..//evil.example',
    '/%2f/evil.example',
    '/:443@evil.example',
  ])('%j is a path, which cannot leave the origin', async (input) => {
    expect(new URL(await urlOf(input)).origin).toBe(base.origin)
  })

  test('of another origin in a Request is refused', async () => {
    const input = new Request('https://evil.example/')
    expect(isARouterError(await errorOf(urlOf(input)), 'cross_origin')).toBe(true)
  })

  test('that is refused is told with both origins and no more of it', async () => {
    const errors = await Promise.all(
      ['https://evil.example/?key=hunter22', 'hunter22'].map((input) => errorOf(urlOf(input))),
    )
    expect(errors.map(String)).toMatchInlineSnapshot(`
      [
        "ARouterError: This client only talks to https://gateway.example, not to https://evil.example. Nothing was sent.",
        "ARouterError: The URL is neither a path nor absolute. Nothing was sent.",
      ]
    `)
  })
})

describe('a request', () => {
  test('is held as it was made', async () => {
    const { signal } = new AbortController()
    const init = { method: 'post', headers: { 'X-A': 'b' }, body: '{"a":1}', signal }
    const exchange = await createExchange(base, '/v1', init, 5_000)
    expect(exchange).toMatchObject({ method: 'POST', body: '{"a":1}', timeout: 5_000 })
    expect(exchange.signal).toBe(signal)
    expect([...exchange.headers]).toEqual([['x-a', 'b']])
  })

  test('without an init is a bare GET', async () => {
    const exchange = await createExchange(base, '/v1', undefined, 5_000)
    expect(exchange).toMatchObject({ method: 'GET', body: undefined, signal: undefined })
  })

  test('has headers of its own: the ones it was given stay as they are', async () => {
    const headers = new Headers({ a: 'b' })
    const exchange = await createExchange(base, '/v1', { headers }, 5_000)
    exchange.headers.set('authorization', 'Bearer x')
    expect([...headers]).toEqual([['a', 'b']])
  })

  test('with a stream as body holds its bytes, so that it can be sent again', async () => {
    const bytes = new Uint8Array([0, 255, 128, 10])
    const stream = () => new Response(bytes).body
    const exchange = await createExchange(base, '/v1', { method: 'POST', body: stream() }, 5_000)
    expect(exchange.body).toEqual(bytes)
    const request = new Request('https://gateway.example/v1', {
      method: 'POST',
      body: bytes,
      headers: { a: 'b' },
    })
    const other = await createExchange(base, request, undefined, 5_000)
    expect(other).toMatchObject({ method: 'POST', body: bytes })
    expect(other.headers.get('a')).toBe('b')
  })

  test('made of a Request and an init is what fetch would make of them', async () => {
    const request = new Request('https://gateway.example/v1', { headers: { a: 'b' } })
    const init = { method: 'PUT', body: 'x', headers: { c: 'd' } }
    const exchange = await createExchange(base, request, init, 5_000)
    expect(exchange.method).toBe('PUT')
    expect(exchange.headers.get('a')).toBeNull()
    expect(exchange.headers.get('c')).toBe('d')
    expect(exchange.body).toEqual(new TextEncoder().encode('x'))
  })
})

/** One request over `fetch`, and what becomes of it. */
async function sent(fetch: typeof globalThis.fetch, init?: RequestInit) {
  const runtime = virtualRuntime({ fetch })
  const exchange = await createExchange(base, '/v1', init, 1_000)
  const outcome = transport(runtime)(exchange)
  outcome.catch(() => undefined)
  return { runtime, outcome }
}

/** A fetch that answers only when its test says so, and whether it was told to stop. */
function slow() {
  let answer: (response: Response) => void = () => undefined
  let signal: AbortSignal | null | undefined
  let cancelled = false
  const body = new ReadableStream({
    cancel: () => {
      cancelled = true
    },
  })
  return {
    fetch: (_: unknown, init?: RequestInit) => {
      signal = init?.signal
      return new Promise<Response>((resolve) => {
        answer = resolve
      })
    },
    answer: () => answer(new Response(body)),
    wasStopped: () => signal?.aborted === true,
    wasCancelled: () => cancelled,
  }
}

const isIdle = (runtime: VirtualRuntime) => runtime.pending() === 0

describe('the transport', () => {
  test('sends what was held, and never follows a redirect', async () => {
    const calls: [unknown, RequestInit | undefined][] = []
    const init: RequestInit = { method: 'POST', body: 'x', redirect: 'follow', cache: 'no-store' }
    const { outcome, runtime } = await sent(async (url, given) => {
      calls.push([url, given])
      return new Response('answer')
    }, init)
    expect(await (await outcome).text()).toBe('answer')
    expect(calls).toHaveLength(1)
    expect(calls[0]?.[0]).toBe('https://gateway.example/v1')
    expect(calls[0]?.[1]).toMatchObject({
      method: 'POST',
      body: 'x',
      redirect: 'manual',
      cache: 'no-store',
    })
    expect(isIdle(runtime)).toBe(true)
  })

  test.each([200, 204, 304, 400, 402, 500])('hands on an answer of status %i', async (status) => {
    const { outcome } = await sent(async () => new Response(null, { status }))
    expect((await outcome).status).toBe(status)
  })

  test.each([301, 302, 303, 307, 308])('refuses a redirect of status %i', async (status) => {
    let cancelled = false
    const body = new ReadableStream({
      cancel: () => {
        cancelled = true
      },
    })
    const headers = { location: 'https://evil.example/' }
    let calls = 0
    const { outcome, runtime } = await sent(async () => {
      calls++
      return new Response(body, { status, headers })
    })
    const error = await errorOf(outcome)
    expect(isARouterError(error, 'redirect_refused')).toBe(true)
    expect(error).toMatchObject({ statusCode: status, fundsMoved: 'no' })
    expect(String(error)).not.toContain('evil.example')
    expect(cancelled).toBe(true)
    expect(calls).toBe(1)
    expect(isIdle(runtime)).toBe(true)
  })

  test('refuses the opaque redirect of a browser', async () => {
    const opaque = Object.defineProperties(new Response(null), {
      type: { value: 'opaqueredirect' },
      status: { value: 0 },
    })
    const { outcome } = await sent(async () => opaque)
    expect(isARouterError(await errorOf(outcome), 'redirect_refused')).toBe(true)
  })

  test.each([
    ['rejects', () => Promise.reject(new TypeError('fetch failed'))],
    [
      'throws at once',
      () => {
        throw new TypeError('fetch failed')
      },
    ],
  ])('makes a failed connection of a fetch that %s', async (_, fetch) => {
    const { outcome, runtime } = await sent(fetch)
    const error = await errorOf(outcome)
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error).toMatchObject({ cause: new TypeError('fetch failed') })
    expect(isIdle(runtime)).toBe(true)
  })

  test('waits for the first byte no longer than the timeout, even if fetch ignores its signal', async () => {
    const gateway = slow()
    const { outcome, runtime } = await sent(gateway.fetch)
    const error = await runtime.run(errorOf(outcome))
    expect(error).toBeInstanceOf(TimeoutError)
    expect(runtime.now()).toBe(START + 1_000)
    expect(gateway.wasStopped()).toBe(true)
    gateway.answer()
    await runtime.settle()
    expect(gateway.wasCancelled()).toBe(true)
  })

  test('ends with the abort of its caller, even if fetch ignores its signal', async () => {
    const gateway = slow()
    const controller = new AbortController()
    const { outcome, runtime } = await sent(gateway.fetch, { signal: controller.signal })
    const why = new Error('the user left')
    controller.abort(why)
    const error = await errorOf(outcome)
    expect(isARouterError(error, 'aborted')).toBe(true)
    expect(error).toMatchObject({ name: 'AbortError', cause: why })
    expect(gateway.wasStopped()).toBe(true)
    expect(isIdle(runtime)).toBe(true)
    gateway.answer()
    await runtime.settle()
    expect(gateway.wasCancelled()).toBe(true)
  })

  test('sends nothing for a caller that has gone already', async () => {
    let calls = 0
    const { outcome } = await sent(
      async () => {
        calls++
        return new Response()
      },
      { signal: AbortSignal.abort() },
    )
    expect(isARouterError(await errorOf(outcome), 'aborted')).toBe(true)
    expect(calls).toBe(0)
  })

  test('calls an abort by its name even where fetch rejects first', async () => {
    const controller = new AbortController()
    const { outcome } = await sent(
      async (_, init) => {
        controller.abort()
        throw init?.signal?.reason
      },
      { signal: controller.signal },
    )
    expect(isARouterError(await errorOf(outcome), 'aborted')).toBe(true)
  })

  test('leaves the body abortable by the caller after the answer has come', async () => {
    const controller = new AbortController()
    let signal: AbortSignal | null | undefined
    const { outcome } = await sent(
      async (_, init) => {
        signal = init?.signal
        return new Response('x')
      },
      { signal: controller.signal },
    )
    await outcome
    expect(signal?.aborted).toBe(false)
    controller.abort()
    expect(signal?.aborted).toBe(true)
  })

  test('leaves nothing on a signal that outlives the call', async () => {
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    await (await sent(async () => new Response('x'), { signal })).outcome
    const late = await sent(slow().fetch, { signal })
    await late.runtime.run(errorOf(late.outcome))
    expect(added).toHaveBeenCalledTimes(2)
    expect(removed.mock.calls).toEqual(added.mock.calls)
  })

  test('says of each failure what happened, that funds did not move, and what to do', async () => {
    const late = await sent(slow().fetch)
    const failures = [
      late.runtime.run(errorOf(late.outcome)),
      errorOf((await sent(() => Promise.reject(new TypeError('fetch failed')))).outcome),
      errorOf((await sent(async () => new Response(null, { status: 302 }))).outcome),
      errorOf((await sent(slow().fetch, { signal: AbortSignal.abort() })).outcome),
    ]
    expect((await Promise.all(failures)).map(String)).toMatchInlineSnapshot(`
      [
        "TimeoutError: Request timed out after 1000ms. Funds moved: no. It can be tried again.",
        "ConnectionError: The connection to the gateway failed. Funds moved: no. It can be tried again.",
        "ARouterError: The gateway answered with a redirect, which is not followed. Funds moved: no. Check baseURL.",
        "AbortError: The call was aborted. Funds moved: no.",
      ]
    `)
  })
})

describe('a promise that can be left', () => {
  test('settles as it would where nobody leaves', async () => {
    const { signal } = new AbortController()
    expect(await abortable(Promise.resolve(1), signal)).toBe(1)
    expect(await abortable(Promise.resolve(1), undefined)).toBe(1)
    await expect(abortable(Promise.reject(new Error('x')), signal)).rejects.toThrow('x')
  })

  test('rejects at the abort, and what comes of it later is nobody’s failure', async () => {
    const controller = new AbortController()
    let fail: (error: Error) => void = () => undefined
    const work = new Promise((_, reject) => {
      fail = reject
    })
    const left = abortable(work, controller.signal)
    const before = abortable(work, AbortSignal.abort())
    controller.abort()
    expect(isARouterError(await errorOf(left), 'aborted')).toBe(true)
    expect(isARouterError(await errorOf(before), 'aborted')).toBe(true)
    fail(new Error('too late to matter'))
    await new Promise((resolve) => setImmediate(resolve))
  })

  test('asks whether its caller has gone', () => {
    expect(() => throwIfAborted(undefined)).not.toThrow()
    expect(() => throwIfAborted(new AbortController().signal)).not.toThrow()
    expect(
      isARouterError(
        thrown(() => throwIfAborted(AbortSignal.abort())),
        'aborted',
      ),
    ).toBe(true)
  })

  test('gives each caller an error of its own', () => {
    const signal = AbortSignal.abort()
    expect(aborted(signal)).not.toBe(aborted(signal))
  })
})

test('a body that is given up twice, or that refuses to be, is no failure', async () => {
  const stubborn = new ReadableStream({
    cancel: () => {
      throw new Error('no')
    },
  })
  discard(new Response(null))
  discard(new Response(stubborn))
  const locked = new Response('x')
  locked.body?.getReader()
  discard(locked)
  await new Promise((resolve) => setImmediate(resolve))
})

describe('an answer from elsewhere', () => {
  test('refuses an answer that a fetch of its own mind was redirected to', async () => {
    const followed = Object.defineProperties(new Response('x'), {
      redirected: { value: true },
      url: { value: 'https://evil.example/' },
    })
    const { outcome } = await sent(async () => followed)
    expect(isARouterError(await errorOf(outcome), 'redirect_refused')).toBe(true)
  })

  test('of another scheme is refused, though its origin reads the same', async () => {
    const of = parseBase('https://gateway.example')
    const made = createExchange(of, 'blob:https://gateway.example/1', undefined, 1_000)
    expect(isARouterError(await errorOf(made), 'cross_origin')).toBe(true)
  })
})
