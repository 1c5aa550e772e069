import type { Chain } from './chain'
import type { Holder } from './Holder'
import { base64, challengeFor, offersOf, tokenWith, worthOf } from './terms'
import type { Paid, World } from './World'

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
}

export type Gateway = {
  readonly handle: (request: Request) => Reply
  /** A token it would take: for a wallet that has been here before. */
  readonly issue: (holder: Holder) => string
  /** Its terms, as whoever sits between it and the client would change them. */
  readonly challenge: (error?: string, payTo?: string) => string
}

/** The codes of the x402 specification and of facilitators for a payment used before. */
const USED = ['nonce_already_used', 'duplicate_settlement', 'authorization_already_used'] as const
const UNFIT = ['insufficient_funds', 'invalid_exact_evm_payload_signature'] as const
const ENDED = {
  eip155: 'invalid_exact_evm_payload_authorization_valid_before',
  solana: 'invalid_exact_svm_payload_transaction_simulation_failed',
} as const

export function createGateway(world: World, chain: Chain): Gateway {
  const { timeline, chance, plan, holders, credit } = world
  const { gateway } = plan
  const offers = offersOf(gateway, holders)
  const tokens = new Map<string, { readonly end: number; readonly holder: Holder }>()
  const newest = new Map<Holder, string>()
  const proofs = new Set<string>()
  const pending = new Set<Paid>()
  const served = new Set<string>()
  const known = new Set<Holder>()
  const challenges = new Map<string, string>()

  const dated = (headers: Record<string, string>) =>
    gateway.dates ? { ...headers, date: dateOf(Math.floor(timeline.now() / 1000)) } : headers

  const challenge = (error?: string, payTo?: string) => {
    const { hint } = gateway
    const recent = hint === 'none' ? undefined : chain.blockhashAt(timeline.now() - hint).blockhash
    const key = `${error} ${payTo} ${recent}`
    const made = challenges.get(key)
    if (made) return made
    const extra = recent ? { recentBlockhash: recent } : {}
    const text = challengeFor(offers, { error, payTo, extra })
    challenges.set(key, text)
    return text
  }

  const refuse = (error?: string, more: Record<string, string> = {}): Reply => ({
    status: 402,
    headers: dated({ 'payment-required': challenge(error), ...more }),
  })

  const holderOf = (token: string) => {
    const issued = tokens.get(token)
    if (!issued || issued.end <= timeline.now()) return undefined
    if (gateway.tokens === 'newest only' && token !== newest.get(issued.holder)) return undefined
    return issued.holder
  }

  const issue = (holder: Holder) => {
    const last = newest.get(holder)
    known.add(holder)
    if (gateway.tokens === 'stable' && last && holderOf(last)) return last
    const end = timeline.now() + gateway.tokenLife
    const exp = gateway.tokenSaysEnd ? { exp: Math.floor(end / 1000) } : {}
    const token = tokenWith({ sub: holder.address, gen: tokens.size, ...exp })
    newest.set(holder, token)
    tokens.set(token, { end, holder })
    return token
  }

  const receiptFor = ({ holder, mark }: Paid): Record<string, string> => {
    if (gateway.receipt === 'none') return {}
    const jwt = gateway.receipt === 'jwt' ? { jwt: issue(holder) } : {}
    const { network, address: payer } = holder
    const transaction = `0xtx${mark}`
    return { 'payment-response': base64({ success: true, transaction, network, payer, ...jwt }) }
  }

  const creditOf = (holder: Holder) => credit.get(holder.address) ?? 0

  const give = (payment: Paid) => {
    if (payment.creditedAt !== undefined) return
    const { holder, amount, mark } = payment
    payment.creditedAt = timeline.now()
    const bought = offers.find((offer) => offer.holder === holder && offer.amount === amount)
    credit.set(holder.address, creditOf(holder) + (bought?.requests ?? 0))
    known.add(holder)
    world.log(() => `   gateway credits ${mark}: ${creditOf(holder)}`)
  }

  const answer = ({ call }: Request, headers: Record<string, string> = {}): Reply => ({
    status: 200,
    headers: dated(headers),
    text: `{"call":${call}}`,
  })

  const serve = (request: Request, holder: Holder, headers: Record<string, string> = {}): Reply => {
    credit.set(holder.address, creditOf(holder) - 1)
    world.log(() => `   gateway serves call ${request.call}, ${creditOf(holder)} left`)
    return answer(request, headers)
  }

  const servePaid = (request: Request, payment: Paid): Reply => {
    const key = `${payment.mark} ${request.call}`
    if (creditOf(payment.holder) > 0) {
      served.add(key)
      return serve(request, payment.holder, receiptFor(payment))
    }
    // What was answered before is answered again, for nothing.
    return served.has(key)
      ? answer(request, receiptFor(payment))
      : refuse(undefined, receiptFor(payment))
  }

  const replayed = (request: Request, payment: Paid): Reply => {
    if (pending.has(payment)) return refuse('settlement_pending')
    if (gateway.replay === 'rejects-nonce') return refuse(chance.pick(...USED))
    give(payment)
    return servePaid(request, payment)
  }

  const settleLate = (payment: Paid): Reply => {
    pending.add(payment)
    const left = payment.endsAt - timeline.now()
    const delay = chance.between(1, Math.max(1, left + 1_000))
    chain.submit(payment, delay, () => give(payment))
    timeline.after(delay + 1, () => pending.delete(payment))
    world.count('settled late')
    return chance.pick<Reply>(refuse('settlement_pending'), { status: 504, headers: dated({}) })
  }

  // A receipt that says the contrary of what happened.
  const lie = (request: Request, payment: Paid): Reply => {
    if (chance.happens(0.5)) {
      world.count('settled, and the receipt denies it')
      chain.submit(payment, chance.between(0, 60_000), () => give(payment))
      const { network, address: payer } = payment.holder
      const errorReason = chance.pick<string | undefined>(undefined, ...UNFIT, ...USED)
      const denial = { success: false, transaction: '', network, payer, errorReason }
      return refuse(undefined, { 'payment-response': base64(denial) })
    }
    world.count('not settled, and the receipt claims it')
    payment.claimedAt ??= timeline.now()
    // Nothing keeps it from being settled after all.
    if (chance.happens(0.3)) chain.submit(payment, chance.between(1, 90_000), () => give(payment))
    const headers = receiptFor(payment)
    const status = chance.pick(200, 402, 402, 500)
    if (status === 200) return answer(request, headers)
    return status === 402 ? refuse(undefined, headers) : { status, headers: dated(headers) }
  }

  const takePayment = (request: Request, header: string): Reply => {
    const payment = readPayment(world, header)
    const offer = offers.find(
      ({ holder, amount }) => holder === payment?.holder && amount === payment.amount,
    )
    if (!payment || !offer) return refuse('invalid_payload')
    if (payment.settledAt !== undefined || payment.creditedAt !== undefined || pending.has(payment))
      return replayed(request, payment)
    if (timeline.now() >= payment.endsAt || payment.failedAt !== undefined) {
      return refuse(ENDED[payment.holder.namespace])
    }
    if (world.goesWrong(gateway.refuses)) return refuse(chance.pick(...UNFIT))
    if (world.goesWrong(gateway.refusesAndSettles)) {
      chain.submit(payment, chance.between(1, 60_000), () => give(payment))
      world.count('refused and settled')
      return refuse(chance.pick(...UNFIT))
    }
    if (world.goesWrong(gateway.lies)) return lie(request, payment)
    if (world.goesWrong(gateway.late)) return settleLate(payment)
    const forgets = world.goesWrong(gateway.uncredited)
    chain.submit(payment, 0, () => forgets || give(payment))
    if (payment.settledAt === undefined) return refuse('transaction_failed')
    if (forgets) {
      world.count('settled and not credited')
      return { status: 500, headers: dated({}) }
    }
    return servePaid(request, payment)
  }

  const balanceOf = (holder: Holder): Reply => {
    const balance = Number(worthOf(creditOf(holder), gateway)) / 1e6
    return { status: 200, headers: dated({}), text: JSON.stringify({ balance }) }
  }

  const signIn = ({ proof }: Request): Reply => {
    if (gateway.signIn === 'none') return { status: 404, headers: dated({}) }
    const read = readProof(proof, holders)
    if (!read || proofs.has(read.message)) return { status: 401, headers: dated({}), text: '{}' }
    proofs.add(read.message)
    if (gateway.signIn === 'known wallets' && !known.has(read.holder)) {
      return { status: chance.pick(401, 403), headers: dated({}), text: '{}' }
    }
    world.count('sign-in')
    return { status: 200, headers: dated({}), text: JSON.stringify({ jwt: issue(read.holder) }) }
  }

  return {
    issue,
    challenge,
    handle: (request) => {
      if (request.path === '/v1/x402/auth') return signIn(request)
      if (request.payment !== undefined) return takePayment(request, request.payment)
      if (request.token === undefined) return refuse()
      const holder = holderOf(request.token)
      if (!holder) return { status: 401, headers: dated({}) }
      if (request.path === '/api/v1/balance') return balanceOf(holder)
      return creditOf(holder) > 0 ? serve(request, holder) : refuse()
    },
  }
}

let lastRead: { header: string; payload: Readonly<Record<string, string>> } | undefined

/** The payment that a header carries, if it is one of ours to the letter. */
export function readPayment({ payments }: World, header: string): Paid | undefined {
  if (header !== lastRead?.header) {
    const { payload } = JSON.parse(Buffer.from(header, 'base64').toString())
    lastRead = { header, payload }
  }
  const { mark = '', from, to, value, signature } = lastRead.payload
  const payment = payments.get(mark)
  const isWhole =
    payment &&
    from === payment.holder.address &&
    to === payment.holder.payTo &&
    value === payment.amount.toString() &&
    signature === `signed ${mark}`
  return isWhole ? payment : undefined
}

// A proof is a message of our origin that its wallet signed; it is good once.
function readProof(header: string | undefined, holders: readonly Holder[]) {
  if (header === undefined) return undefined
  const { message, signature } = JSON.parse(Buffer.from(header, 'base64').toString())
  if (!message.startsWith('gateway.test wants you')) return undefined
  const holder = holders.find(({ address }) => message.includes(address))
  return holder && signature === `signed ${message.length}`
    ? { message: String(message), holder }
    : undefined
}

let lastDate = { second: 0, text: '' }

function dateOf(second: number): string {
  if (second !== lastDate.second) {
    lastDate = { second, text: new Date(second * 1000).toUTCString() }
  }
  return lastDate.text
}
