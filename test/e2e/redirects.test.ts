import type { ServerResponse } from 'node:http'
import { ARouter, memoryStore, withX402EvmPayment } from '@arouter/sdk'
import { expect, test } from 'vitest'
import { countingAccount, failure, HELLO } from '../support/harness'
import {
  base64,
  challenge,
  jwt,
  offer,
  type Seen,
  startHostileGateway,
} from '../support/hostileGateway'
import { signInOffer } from '../support/siwx'

const CODES = [301, 302, 303, 307, 308]
const SECURE = 'https://gateway.example'

/** Where a redirect leads, given the gateway and a server of somebody else. */
const TARGETS: Readonly<Record<string, (gateway: string, thief: string) => string>> = {
  'the same origin': (gateway) => `${gateway}/elsewhere`,
  'another name of the same machine': (_, thief) =>
    `${thief.replace('127.0.0.1', 'localhost')}/elsewhere`,
  'another port': (_, thief) => `${thief}/elsewhere`,
  'plain http': (_, thief) => `${thief}/elsewhere`,
}

type Redirect = (response: ServerResponse) => void

/** What travels with a request, and a gateway that lets it come as far as to a redirect. */
const CARGO: Readonly<
  Record<string, (seen: Seen, response: ServerResponse, url: string, redirect: Redirect) => void>
> = {
  'a prompt': ({ path }, response, _, redirect) =>
    path.endsWith('/auth') ? response.writeHead(404).end('{}') : redirect(response),
  'a token': ({ path }, response, _, redirect) =>
    path.endsWith('/auth')
      ? response.end(JSON.stringify({ jwt: jwt({}), tenant_id: 't', key_id: 'k' }))
      : redirect(response),
  'a sign-in': (_, response, __, redirect) => redirect(response),
  'a proof': ({ path, headers }, response, url, redirect) => {
    if (path.endsWith('/auth')) return response.writeHead(404).end('{}')
    if (headers['sign-in-with-x']) return redirect(response)
    const terms = {
      x402Version: 2,
      resource: { url: `${url}/v1/chat/completions` },
      accepts: [offer()],
      extensions: { 'sign-in-with-x': signInOffer(url) },
    }
    return response.writeHead(402, { 'payment-required': base64(terms) }).end('{}')
  },
  'a payment': ({ path, payment }, response, url, redirect) => {
    if (path.endsWith('/auth')) return response.writeHead(404).end('{}')
    if (payment) return redirect(response)
    return response.writeHead(402, { 'payment-required': challenge(url) }).end('{}')
  },
}

const NAMES = {
  'a prompt': 'body',
  'a token': 'authorization',
  'a sign-in': 'sign-in-with-x',
  'a proof': 'sign-in-with-x',
  'a payment': 'payment-signature',
} as const

test.each(Object.entries(CARGO))(
  '%s does not travel with any redirect anywhere',
  async (cargo, answer) => {
    const cells = CODES.flatMap((code) => Object.keys(TARGETS).map((target) => ({ code, target })))
    const outcomes = await Promise.all(
      cells.map(async ({ code, target }) => {
        const thief = await startHostileGateway(
          (_, response) => void response.end('{"choices":[]}'),
        )
        let redirected = 0
        const isSecure = target === 'plain http'
        const gateway = await startHostileGateway((seen, response, url) => {
          const known = isSecure ? SECURE : url
          answer(seen, response, known, (each) => {
            redirected += 1
            each.writeHead(code, { location: TARGETS[target]?.(url, thief.url) }).end()
          })
        })
        // There is no certificate here: the client believes in https, and the bytes go without it.
        const customFetch: typeof fetch = async (input, init) => {
          const response = await fetch(String(input).replace(SECURE, gateway.url), init)
          return new Response(response.body, response) // One that has no URL of its own.
        }
        const { account } = countingAccount()
        const client = withX402EvmPayment(
          new ARouter({
            baseURL: isSecure ? SECURE : gateway.url,
            maxRetries: 0,
            ...(isSecure && { customFetch }),
          }),
          account,
          { store: memoryStore(), rpc: { 'eip155:8453': [] } },
        )
        const error = await failure(client.chatCompletion(HELLO))
        const name = NAMES[cargo as keyof typeof NAMES]
        const carried = gateway.seen.some((seen) =>
          name === 'body' ? seen.body : seen.headers[name],
        )
        const followed = [
          ...thief.seen,
          ...gateway.seen.filter(({ path }) => path === '/elsewhere'),
        ]
        return {
          cell: `${code} to ${target}`,
          redirected: redirected > 0,
          carried,
          followed,
          error,
        }
      }),
    )
    expect(outcomes).toHaveLength(20)
    for (const { cell, redirected, carried, followed, error } of outcomes) {
      expect({ cell, redirected, carried, followed }).toEqual({
        cell,
        redirected: true,
        carried: true,
        followed: [],
      })
      expect(error).toMatchObject(
        cargo === 'a payment'
          ? { fundsMoved: 'maybe' }
          : { code: 'redirect_refused', fundsMoved: 'no' },
      )
    }
  },
)
