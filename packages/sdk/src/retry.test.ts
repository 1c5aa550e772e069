import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
// @boundaries-ignore a test may use what all tests share
import { START, virtualRuntime } from '../../../test/support/virtualRuntime'
import { ConnectionError, isARouterError, TimeoutError } from './errors'
import { createExchange, type Exchange, parseBase } from './exchange'
import { backoff, retry, retryAfter } from './retry'

const base = parseBase('https://gateway.example')
const make = (init?: RequestInit) => createExchange(base, '/v1/models', init, 60_000)
type Step = number | Error | ((exchange: Exchange) => Response)

/** Sends that answer by `script`, and after its end with 200; `at` is when each was made. */
function scripted(script: readonly Step[], maxRetries = 2) {
  const runtime = virtualRuntime()
  const at: number[] = []
  const send = async (exchange: Exchange) => {
    const step = script[at.length] ?? 200
    at.push(runtime.now() - START)
    if (step instanceof Error) throw step
    return typeof step === 'number' ? new Response(null, { status: step }) : step(exchange)
  }
  const layer = retry(runtime, maxRetries)
  return { runtime, at, send: (exchange: Exchange) => runtime.run(layer(exchange, send)) }
}

const told = (status: number, retryAfterHeader: string) => () =>
  new Response(null, { status, headers: { 'retry-after': retryAfterHeader } })
const failed = () => new ConnectionError('said')

describe('a request is sent again', () => {
  test.each([408, 409, 429, 500, 502, 503, 504, 529, failed()])('after %s', async (step) => {
    const { at, send } = scripted([step])
    expect((await send(await make())).status).toBe(200)
    expect(at).toHaveLength(2)
  })

  test.each([200, 204, 400, 401, 402, 403, 404, 413, 422])('but not after %i', async (status) => {
    const { at, send } = scripted([status])
    expect((await send(await make())).status).toBe(status)
    expect(at).toHaveLength(1)
  })

  test('but not after a timeout, or an error that is no failed connection', async () => {
    for (const error of [new TimeoutError('said'), new TypeError('said')]) {
      const { at, send } = scripted([error])
      await expect(send(await make())).rejects.toBe(error)
      expect(at).toHaveLength(1)
    }
  })

  test('twice by default of the client, then the last answer stands', async () => {
    const { at, send } = scripted([503, 503, 503])
    expect((await send(await make())).status).toBe(503)
    expect(at).toHaveLength(3)
    const [first, last] = [failed(), failed()]
    const again = scripted([first, last], 1)
    await expect(again.send(await make())).rejects.toBe(last)
  })

  test('never while a signed payment is on it', async () => {
    for (const step of [503, failed()]) {
      const { at, send } = scripted([step])
      const exchange = await make()
      exchange.paying = true
      await send(exchange).catch((error) => expect(error).toBe(step))
      expect(at).toHaveLength(1)
    }
  })

  test('never with retries turned off', async () => {
    const { at, send } = scripted([503], 0)
    await send(await make())
    expect(at).toHaveLength(1)
  })

  test('no more often in all than the budget of the client allows, and answers earn it back', async () => {
    const { at, send } = scripted(Array(60 * 3).fill(503), 2)
    for (let call = 0; call < 60; call++) expect((await send(await make())).status).toBe(503)
    expect(at).toHaveLength(60 + 50)
    const { length } = at
    const poor = scripted([...Array(110).fill(503), 200, 200, 200, 200, 200, 503, 503, 503])
    for (let call = 0; call < 60; call++) await poor.send(await make())
    for (let call = 0; call < 5; call++) await poor.send(await make())
    expect(poor.at).toHaveLength(length + 5)
    await poor.send(await make())
    expect(poor.at).toHaveLength(length + 5 + 2)
  })

  test('after a wait that doubles, with jitter of half', async () => {
    const { at, send } = scripted(Array(6).fill(503), 6)
    await send(await make())
    const waits = at.slice(1).map((time, index) => time - (at[index] ?? 0))
    const full = [500, 1_000, 2_000, 4_000, 8_000, 8_000]
    expect(waits).toHaveLength(full.length)
    for (const [index, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual((full[index] ?? 0) / 2)
      expect(wait).toBeLessThanOrEqual(full[index] ?? 0)
    }
  })

  test('no sooner than Retry-After says', async () => {
    const { at, send } = scripted([
      told(429, '7'),
      told(503, new Date(START + 20_000).toUTCString()),
    ])
    await send(await make())
    expect(at).toEqual([0, 7_000, 20_000])
  })

  test('but not where Retry-After asks for more than a minute', async () => {
    const { at, send } = scripted([told(429, '61')])
    expect((await send(await make())).status).toBe(429)
    expect(at).toHaveLength(1)
  })

  test('with the body of the answer before given up, so that its socket is freed', async () => {
    let given = false
    const body = new ReadableStream({
      cancel: () => {
        given = true
      },
    })
    const { send } = scripted([() => new Response(body, { status: 503 })])
    await send(await make())
    expect(given).toBe(true)
  })

  test('but not once its caller has gone: the wait ends at the abort', async () => {
    const controller = new AbortController()
    const { at, send, runtime } = scripted([told(503, '30')])
    runtime.after(1_000, () => controller.abort())
    const outcome = send(await make({ signal: controller.signal }))
    const error = await outcome.catch((reason) => reason)
    expect(isARouterError(error, 'aborted')).toBe(true)
    expect(runtime.now()).toBe(START + 1_000)
    expect(runtime.pending()).toBe(0)
    expect(at).toHaveLength(1)
  })
})

describe('the wait', () => {
  test('before any try is between a quarter of a second and eight seconds', () => {
    fc.assert(
      fc.property(fc.nat(2_000), fc.nat(), (tries, seed) => {
        const wait = backoff(virtualRuntime({ seed }), tries)
        expect(wait).toBeGreaterThanOrEqual(250)
        expect(wait).toBeLessThanOrEqual(8_000)
      }),
    )
  })

  test.each([
    ['0', 0],
    ['120', 120_000],
    ['0.5', 500],
    [new Date(START + 3_000).toUTCString(), 3_000],
    [new Date(START - 3_000).toUTCString(), 0],
    ['', undefined],
    ['soon', undefined],
    ['1e3', undefined],
    ['Infinity', undefined],
    ['9'.repeat(400), undefined],
  ])('of Retry-After: %j is %s ms', (value, ms) => {
    expect(retryAfter(new Headers({ 'retry-after': value }), START)).toBe(ms)
  })

  test('of no Retry-After is unknown', () => {
    expect(retryAfter(new Headers(), START)).toBeUndefined()
  })
})
