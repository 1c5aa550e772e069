import { createMockGateway } from '@arouter/mock-gateway'
import { serve } from '@hono/node-server'
import { x402Facilitator } from '@x402/core/facilitator'
import { toFacilitatorEvmSigner } from '@x402/evm'
import { ExactEvmScheme } from '@x402/evm/exact/facilitator'
import { ExactEvmScheme as ExactEvmServer } from '@x402/evm/exact/server'
import {
  createSIWxResourceServerExtension,
  declareSIWxExtension,
  InMemorySIWxStorage,
} from '@x402/extensions/sign-in-with-x'
import { paymentMiddleware, x402ResourceServer } from '@x402/hono'
import { Hono, type MiddlewareHandler } from 'hono'
import { jwt, sign } from 'hono/jwt'
import { keccak256, numberToHex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { BASE, type Listening, ORIGIN, PATH, PAY_TO, USDC } from './throughputTerms'

/*
 * All servers in one process, with one facilitator: the official one, whose checks of form and signature
 * are real, over a chain on which everything lands.
 */

let landed = 0n
const official = new x402Facilitator().register(
  BASE,
  new ExactEvmScheme(
    toFacilitatorEvmSigner({
      address: privateKeyToAccount(generatePrivateKey()).address,
      getCode: async ({ address }) => (address.toLowerCase() === USDC ? '0x6080' : '0x'),
      readContract: async () => undefined,
      verifyTypedData: async () => false,
      writeContract: async () => keccak256(numberToHex(landed++)),
      sendTransaction: async () => keccak256(numberToHex(landed++)),
      waitForTransactionReceipt: async () => ({ status: 'success' }),
    }),
  ),
)
const facilitator = {
  verify: official.verify.bind(official),
  settle: official.settle.bind(official),
  getSupported: async () => {
    const kinds = [{ x402Version: 2, scheme: 'exact', network: BASE } as const]
    return { kinds, extensions: [], signers: {} }
  },
}

const gateway = await createMockGateway({
  facilitator,
  networks: [BASE],
  payTo: { [BASE]: PAY_TO },
  topUps: ['$1', '$100'],
})

/** What the gateway answers, to the byte but for the id: the peer sends the same. */
async function answerOf(body: string, authorization: string): Promise<string> {
  const headers = { 'content-type': 'application/json', authorization }
  const response = await fetch(`${gateway.url}${PATH}`, { method: 'POST', headers, body })
  return response.text()
}

/** A server that answers so to whoever passes `guard`. */
function serveBehind(guard: MiddlewareHandler, answer: string): Promise<number> {
  const app = new Hono()
  app.use(PATH, guard)
  app.post(PATH, async (c) => {
    await c.req.json()
    return c.body(answer, 200, { 'content-type': 'application/json' })
  })
  return new Promise((resolve) => {
    const options = { fetch: app.fetch, port: 0, hostname: '127.0.0.1' }
    serve(options, ({ port }) => resolve(port))
  })
}

const offer = { scheme: 'exact', price: '$1', network: BASE, payTo: PAY_TO } as const

function payment(): MiddlewareHandler {
  const server = new x402ResourceServer(facilitator).register(BASE, new ExactEvmServer())
  return paymentMiddleware({ [`POST ${PATH}`]: { accepts: offer } }, server)
}

/** What the official packages have in place of tokens: a proof of the wallet with each request. */
function paymentOrProof(): MiddlewareHandler {
  const storage = new InMemorySIWxStorage()
  const extension = createSIWxResourceServerExtension({ storage, origin: ORIGIN })
  const server = new x402ResourceServer(facilitator)
    .register(BASE, new ExactEvmServer())
    .registerExtension(extension)
  const extensions = declareSIWxExtension()
  return paymentMiddleware({ [`POST ${PATH}`]: { accepts: offer, extensions } }, server)
}

process.on('message', async ({ body, token }: { body: string; token: string }) => {
  const answer = await answerOf(body, `Bearer ${token}`)
  const secret = generatePrivateKey()
  const listening: Listening = {
    kind: 'all',
    paying: await serveBehind(payment(), answer),
    proving: await serveBehind(paymentOrProof(), answer),
    tokens: await serveBehind(jwt({ secret, alg: 'HS256' }), answer),
    token: await sign({ sub: 'wallet', exp: 4_000_000_000 }, secret, 'HS256'),
  }
  process.send?.(listening)
})
const listening: Listening = { kind: 'gateway', port: Number(new URL(gateway.url).port) }
process.send?.(listening)
