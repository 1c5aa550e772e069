import type { Chain } from './chain'
import { ASSET, NETWORK, ORIGIN, PAY_TO, PAYER, type Paid, type World } from './World'

/** A request as it reaches the gateway. */
export type Request = {
  readonly path: string
  readonly call: number | undefined
  readonly token: string | undefined
  readonly payment: string | undefined
  readonly proof: string | undefined
}

export type Reply = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text?: string
  /** Milliseconds the gateway takes. */
  readonly delay?: number
}

export type Gateway = {
  readonly handle: (request: Request) => Reply
  /** A token it would take: for a wallet that has been here before. */
  readonly issue: () => string
}

/** The codes of the x402 specification and of facilitators for a payment used before. */
const USED = ['nonce_already_used', 'duplicate_settlement', 'authorization_already_used'] as const
const UNFIT = ['insufficient_funds', 'invalid_exact_evm_payload_signature'] as const

export function createGateway(world: World, chain: Chain): Gateway {
  const { timeline, chance, plan } = world
  const { gateway } = plan
  const tokens = new Map<string, number>()
  const proofs = new Set<string>()
  const pending = new Set<string>()
  const served = new Set<string>()
  let newest: string | undefined
  let isKnown = plan.warm !== 'no'

  const dated = (headers: Record<string, string>) =>
    gateway.dates ? { ...headers, date: dateOf(Math.floor(timeline.now() / 1000)) } : headers

  const refuse = (error?: string): Reply => ({
    status: 402,
    headers: dated({ 'payment-required': termsFor(gateway.amount, PAY_TO, error) }),
  })

  const holds = (token: string) => {
    if (gateway.tokens === 'newest only' && token !== newest) return false
    return (tokens.get(token) ?? 0) > timeline.now()
  }

  const issue = () => {
    if (gateway.tokens === 'stable' && newest && holds(newest)) return newest
    const end = timeline.now() + gateway.tokenLife
    const exp = gateway.tokenSaysEnd ? { exp: Math.floor(end / 1000) } : {}
    newest = tokenWith({ sub: PAYER, gen: tokens.size, ...exp })
    tokens.set(newest, end)
    return newest
  }

  const receiptFor = (payment: Paid): Record<string, string> => {
    if (gateway.receipt === 'none') return {}
    const jwt = gateway.receipt === 'jwt' ? { jwt: issue() } : {}
    return {
      'payment-response': base64({
        success: true,
        transaction: `0xtx${payment.nonce}`,
        network: NETWORK,
        payer: PAYER,
        ...jwt,
      }),
    }
  }

  const credit = (payment: Paid) => {
    if (payment.creditedAt !== undefined) return
    payment.creditedAt = timeline.now()
    world.credit += gateway.requestsPerPayment
    isKnown = true
    world.log(() => `   gateway credits ${payment.nonce}: ${world.credit}`)
  }

  const serve = (request: Request, headers: Record<string, string> = {}): Reply => {
    world.credit--
    world.log(() => `   gateway serves call ${request.call}, ${world.credit} left`)
    return { status: 200, headers: dated(headers), text: `{"call":${request.call}}` }
  }

  const servePaid = (request: Request, payment: Paid): Reply => {
    const key = `${payment.nonce} ${request.call}`
    if (world.credit > 0) {
      served.add(key)
      return serve(request, receiptFor(payment))
    }
    // What was answered before is answered again, for nothing.
    if (served.has(key))
      return { status: 200, headers: dated(receiptFor(payment)), text: `{"call":${request.call}}` }
    return { ...refuse(), headers: { ...refuse().headers, ...receiptFor(payment) } }
  }

  const replayed = (request: Request, payment: Paid): Reply => {
    if (pending.has(payment.nonce)) return refuse('settlement_pending')
    if (gateway.replay === 'rejects-nonce') return refuse(chance.pick(...USED))
    credit(payment)
    return servePaid(request, payment)
  }

  const settleLate = (payment: Paid): Reply => {
    pending.add(payment.nonce)
    const left = payment.validBefore * 1000 - timeline.now()
    const delay = chance.between(1, Math.max(1, left + 1_000))
    chain.submit(payment, delay, () => credit(payment))
    timeline.after(delay + 1, () => pending.delete(payment.nonce))
    world.count('settled late')
    return chance.pick<Reply>(refuse('settlement_pending'), { status: 504, headers: dated({}) })
  }

  const takePayment = (request: Request, header: string): Reply => {
    const payment = read(world, header)
    if (!payment) return refuse('invalid_payload')
    if (payment.settledAt !== undefined || pending.has(payment.nonce))
      return replayed(request, payment)
    if (payment.creditedAt !== undefined) return replayed(request, payment)
    if (timeline.now() >= payment.validBefore * 1000) {
      return refuse('invalid_exact_evm_payload_authorization_valid_before')
    }
    if (world.goesWrong(gateway.refuses)) return refuse(chance.pick(...UNFIT))
    if (world.goesWrong(gateway.refusesAndSettles)) {
      chain.submit(payment, chance.between(1, 60_000), () => credit(payment))
      world.count('refused and settled')
      return refuse(chance.pick(...UNFIT))
    }
    if (world.goesWrong(gateway.late)) return settleLate(payment)
    const forgets = world.goesWrong(gateway.uncredited)
    chain.submit(payment, 0, () => forgets || credit(payment))
    if (forgets) {
      world.count('settled and not credited')
      return { status: 500, headers: dated({}) }
    }
    return servePaid(request, payment)
  }

  const signIn = ({ proof }: Request): Reply => {
    if (gateway.signIn === 'none') return { status: 404, headers: dated({}) }
    const message = readProof(proof)
    if (!message || proofs.has(message)) return { status: 401, headers: dated({}), text: '{}' }
    proofs.add(message)
    if (gateway.signIn === 'known wallets' && !isKnown) {
      return { status: chance.pick(401, 403), headers: dated({}), text: '{}' }
    }
    world.count('sign-in')
    return { status: 200, headers: dated({}), text: JSON.stringify({ jwt: issue() }) }
  }

  return {
    issue,
    handle: (request) => {
      if (request.path === '/v1/x402/auth') return signIn(request)
      if (request.payment !== undefined) return takePayment(request, request.payment)
      if (request.token === undefined) return refuse()
      if (!holds(request.token)) return { status: 401, headers: dated({}) }
      return world.credit > 0 ? serve(request) : refuse()
    },
  }
}

let lastRead = { header: '', payload: { nonce: '', from: '', to: '', value: '', signature: '' } }

/** What a payment header carries. */
export function payloadOf(header: string) {
  if (header !== lastRead.header) {
    const { payload } = JSON.parse(Buffer.from(header, 'base64').toString())
    lastRead = { header, payload }
  }
  return lastRead.payload
}

function read(world: World, header: string): Paid | undefined {
  const payload = payloadOf(header)
  const payment = world.payments.get(payload.nonce)
  const isWhole =
    payment &&
    payload.from === PAYER &&
    payload.to === PAY_TO &&
    payload.value === payment.amount.toString() &&
    payment.amount === world.plan.gateway.amount &&
    payload.signature === `signed ${payload.nonce}`
  return isWhole ? payment : undefined
}

// A proof is a message of our origin that its wallet signed; it is good once.
function readProof(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const { message, signature } = JSON.parse(Buffer.from(header, 'base64').toString())
  const isOurs = message.startsWith('gateway.test wants you') && message.includes(PAYER)
  return isOurs && signature === `signed ${message.length}` ? message : undefined
}

let lastDate = { second: 0, text: '' }

function dateOf(second: number): string {
  if (second !== lastDate.second) {
    lastDate = { second, text: new Date(second * 1000).toUTCString() }
  }
  return lastDate.text
}

const termsMade = new Map<string, string>()

/** A 402's `PAYMENT-REQUIRED`. */
export function termsFor(amount: bigint, payTo: string, error?: string): string {
  const key = `${amount} ${payTo} ${error}`
  const made = termsMade.get(key)
  if (made) return made
  const terms = base64({
    x402Version: 2,
    error,
    resource: { url: `${ORIGIN}/v1/chat/completions` },
    accepts: [
      {
        scheme: 'exact',
        network: NETWORK,
        amount: amount.toString(),
        asset: ASSET,
        payTo,
        maxTimeoutSeconds: 60,
        extra: { name: 'USD Coin', version: '2' },
      },
    ],
  })
  termsMade.set(key, terms)
  return terms
}

/** A token with these claims: three parts of base64url (RFC 7519). */
export function tokenWith(claims: object): string {
  return `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`
}

export function base64(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64')
}
