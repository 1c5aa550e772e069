import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { challenge, jwt } from '../support/hostileGateway'
import { listen } from '../support/listen'
import { buildClient, type ClientScript, measureClient } from './measureClient'

const MIB = 1024 * 1024
const PIECE = 'x'.repeat(65_536)

let script: ClientScript

beforeAll(async () => {
  script = await buildClient()
})

afterAll(() => script.remove())

type Answer = {
  readonly status: number
  readonly headers?: (url: string) => Readonly<Record<string, string | number>>
  /** What the body starts with. */
  readonly start?: string
  /** Bytes; endless where there is no number. */
  readonly size?: number
}

/** Answers each request with `answer`: its start alone below `/short`, all of it below `/endless`. */
async function startServer(answer: Answer, signIn: Answer | undefined) {
  const state = { url: '', written: 0, open: 0 }
  const fill = (response: ServerResponse, start: string, size: number) => {
    response.write(start)
    let left = size - start.length
    const more = () => {
      for (let goesOn = true; goesOn && left > 0 && !response.destroyed; left -= PIECE.length) {
        goesOn = response.write(PIECE)
        state.written += PIECE.length
      }
      if (left <= 0) response.end()
    }
    response.on('drain', more)
    more()
  }
  state.url = await listen((request, response) => {
    const { url = '' } = request
    const isEndless = url.startsWith('/endless')
    const isPaid = request.headers['payment-signature'] !== undefined
    const which = url.endsWith('/v1/x402/auth') ? signIn : isPaid ? SERVED : answer
    request.resume()
    request.on('end', () => {
      if (!which) return response.writeHead(404).end()
      const { status, start = '' } = which
      const { 'content-length': length, ...rest } = which.headers?.(state.url) ?? {}
      response.writeHead(status, isEndless && length ? { ...rest, 'content-length': length } : rest)
      if (!isEndless || isPaid) return response.end(start)
      state.open++
      response.on('close', () => {
        state.open--
      })
      fill(response, start, which.size ?? Number.POSITIVE_INFINITY)
    })
  })
  return state
}

const terms = (url: string) => ({ 'payment-required': challenge(url) })
const TOKEN = JSON.stringify({ jwt: jwt({}) })
const SIGNED_IN: Answer = { status: 200, start: TOKEN, size: TOKEN.length }
const SERVED: Answer = { status: 200, start: '{}' }
const NO_BODY: Answer = { status: 404 }

type Case = {
  readonly way: 'chat' | 'signIn' | 'stream' | 'evmFate' | 'solanaFate'
  readonly answer: Answer
  readonly signIn?: Answer
  readonly outcome: string
}

const cases: Readonly<Record<string, Case>> = {
  'an endless 402 whose header is complete': {
    way: 'chat',
    answer: { status: 402, headers: terms },
    outcome: 'answer',
  },
  'a 402 of 400 MB without a header': {
    way: 'chat',
    answer: { status: 402, size: 400_000_000, headers: () => ({ 'content-length': 400_000_000 }) },
    outcome: 'insufficient_credits',
  },
  'an endless 402 without a header': {
    way: 'chat',
    answer: { status: 402 },
    outcome: 'insufficient_credits',
  },
  'an endless 402 body of x402 v2': {
    way: 'chat',
    answer: { status: 402, start: '{"x402Version":2,"accepts":[],"pad":"' },
    outcome: 'insufficient_credits',
  },
  'an endless 401': { way: 'chat', answer: { status: 401 }, outcome: 'authentication_error' },
  'an endless 401 to a token': {
    way: 'signIn',
    answer: { status: 401 },
    signIn: SIGNED_IN,
    outcome: 'authentication_error',
  },
  'an endless 500': { way: 'chat', answer: { status: 500 }, outcome: 'unknown_error' },
  'an endless 503': { way: 'chat', answer: { status: 503 }, outcome: 'unknown_error' },
  'an endless 302': {
    way: 'chat',
    answer: { status: 302, headers: () => ({ location: '/' }) },
    outcome: 'redirect_refused',
  },
  'an endless answer to a sign-in': {
    way: 'signIn',
    answer: NO_BODY,
    signIn: { status: 200, start: '{"jwt":"' },
    outcome: 'body_too_large',
  },
  'an endless refusal of a sign-in': {
    way: 'signIn',
    answer: NO_BODY,
    signIn: { status: 401 },
    outcome: 'unknown_error',
  },
  'a sign-in that fails without end': {
    way: 'signIn',
    answer: NO_BODY,
    // Not to be asked again soon: else the hundreds of calls before the one that is measured take long.
    signIn: { status: 500, headers: () => ({ 'retry-after': 3_600 }) },
    outcome: 'sign_in_failed',
  },
  'an endless line of a stream': {
    way: 'stream',
    answer: { status: 200, start: 'data: ' },
    outcome: 'stream_too_long',
  },
  'an endless answer of an EVM node': {
    way: 'evmFate',
    answer: { status: 200, start: '{"result":"' },
    outcome: 'unknown',
  },
  'an endless answer of a Solana node': {
    way: 'solanaFate',
    answer: { status: 200, start: '{"result":"' },
    outcome: 'unknown',
  },
}

test.each(Object.entries(cases))(
  '%s costs under 16 MB of memory, and its connection is closed',
  async (_, { way, answer, signIn, outcome }) => {
    const server = await startServer(answer, signIn)
    const measured = await measureClient(script, server.url, way, 16 * MIB)
    expect(measured.outcome).toBe(outcome)
    expect(measured.grown).toBeLessThan(16 * MIB)
    // What was written is in the buffers of the system as well.
    expect(server.written).toBeLessThan(32 * MIB)
    expect(server.open).toBe(0)
  },
)
