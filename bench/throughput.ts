import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { PaymentRequirements } from '@x402/core/types'
import { ExactEvmScheme } from '@x402/evm/exact/client'
import { createSIWxPayload, encodeSIWxHeader } from '@x402/extensions/sign-in-with-x'
import { post, requestsPerSecond } from './load'
import { interleave } from './measure'
import type { Table } from './printTable'
import { account } from './subjects'
import { BASE, type Listening, ORIGIN, PATH } from './throughputTerms'

const ROUNDS = 7
const CALLS = 4_000
const PAYMENTS = 400

const body = JSON.stringify({
  model: 'arouter/echo',
  messages: [{ role: 'user', content: 'Say hello. '.repeat(20) }],
})

/** Calls a second that servers in a process of their own serve: out of credit, and with a payment each. */
export async function measureThroughput(): Promise<readonly Table[]> {
  const here = fileURLToPath(new URL('.', import.meta.url))
  const env = { ...process.env, TSX_TSCONFIG_PATH: `${here}tsconfig.json` }
  const server = fork(`${here}throughputServer.ts`, { execArgv: ['--import', 'tsx'], env })
  try {
    const [gateway]: Listening[] = await once(server, 'message')
    if (gateway?.kind !== 'gateway') throw new Error('the gateway did not start')
    const { port } = gateway
    const token = await tokenOf(port)
    server.send({ body, token })
    const [peers]: Listening[] = await once(server, 'message')
    if (peers?.kind !== 'all') throw new Error('the peers did not start')
    const warm = (headers: Readonly<Record<string, string>>) =>
      Array<Buffer>(CALLS).fill(post(PATH, headers, body))
    const ours = warm({ authorization: `Bearer ${token}` })
    const proofs = warm(await proofFor(peers.proving))
    const tokens = warm({ authorization: `Bearer ${peers.token}` })
    return [
      {
        title: `Calls a second out of credit, ${CALLS * ROUNDS} calls each`,
        unit: '1/s',
        samples: await interleave(
          {
            '@arouter/mock-gateway, its token': () => requestsPerSecond(port, ours),
            '@x402/hono, sign-in-with-x': () => requestsPerSecond(peers.proving, proofs),
            'hono/jwt alone: no credit, no books': () => requestsPerSecond(peers.tokens, tokens),
          },
          ROUNDS,
        ),
        ours: '@arouter/mock-gateway, its token',
      },
      {
        title: `Calls a second with a payment each, ${PAYMENTS * ROUNDS} calls each`,
        unit: '1/s',
        samples: await interleave(
          {
            '@arouter/mock-gateway': async () => requestsPerSecond(port, await paidCalls(port)),
            '@x402/hono': async () =>
              requestsPerSecond(peers.paying, await paidCalls(peers.paying)),
          },
          ROUNDS,
        ),
        ours: '@arouter/mock-gateway',
      },
    ]
  } finally {
    server.kill()
  }
}

/** As many calls, each with a payment of its own that was signed before. */
async function paidCalls(port: number): Promise<readonly Buffer[]> {
  const offer = await offerOf(port, '1000000')
  const calls: Buffer[] = []
  while (calls.length < PAYMENTS) calls.push(post(PATH, await payment(offer), body))
  return calls
}

/** What a server asks for, of that amount. */
async function offerOf(port: number, amount: string): Promise<PaymentRequirements> {
  const response = await ask(port, {})
  const offers: readonly PaymentRequirements[] = headerOf(response, 'payment-required').accepts
  const offer = offers.find((one) => one.amount === amount)
  if (!offer) throw new Error(`nobody asks for ${amount}`)
  return offer
}

async function payment(accepted: PaymentRequirements): Promise<Record<string, string>> {
  const signed = await new ExactEvmScheme(account).createPaymentPayload(2, accepted)
  const resource = { url: `${ORIGIN}${PATH}` }
  const payload = { ...signed, accepted, resource }
  return { 'payment-signature': Buffer.from(JSON.stringify(payload)).toString('base64') }
}

/** The token that a first payment buys, with credit for all calls. */
async function tokenOf(port: number): Promise<string> {
  const response = await ask(port, await payment(await offerOf(port, '100000000')))
  return headerOf(response, 'payment-response').jwt
}

/** A proof of the wallet, once it has paid. */
async function proofFor(port: number): Promise<Record<string, string>> {
  await ask(port, await payment(await offerOf(port, '1000000')))
  const terms = headerOf(await ask(port, {}), 'payment-required')
  const info = { ...terms.extensions['sign-in-with-x'].info, chainId: BASE, type: 'eip191' }
  const proof = await createSIWxPayload(info, account, `${ORIGIN}${PATH}`)
  return { 'sign-in-with-x': encodeSIWxHeader(proof) }
}

function ask(port: number, more: Readonly<Record<string, string>>): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...more }
  return fetch(`http://127.0.0.1:${port}${PATH}`, { method: 'POST', headers, body })
}

function headerOf(response: Response, name: string) {
  return JSON.parse(Buffer.from(response.headers.get(name) ?? '', 'base64').toString('utf8'))
}
