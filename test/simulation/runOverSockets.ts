import { createMockGateway, type MockGateway } from '../../packages/mock-gateway/src/index'
import { encode58 } from '../../packages/x402-solana/src/base58'
import { startFastClock } from './fastClock'
import { createHolder, type Holder } from './Holder'
import { createLedger } from './ledger'
import { auditBooks } from './oracles'
import { play } from './people'
import type { Plan } from './plan'
import { realPlatform } from './platform'
import { type Outcome, storeTrace } from './simulate'
import { chancesOf, gatewayOptions, overSockets, priceOf, SPEED } from './socketPlan'
import { createKey, keyOf, watched } from './socketWallet'
import type { Wire } from './Wire'
import { createWorld, type Paid, type World } from './World'

/** How often what settles late gets its chance, in milliseconds of the schedule. */
const BLOCK_MS = 2_000

/** How long the one rests who is not alone, in milliseconds of the schedule. */
const LONGEST_REST_MS = 2_000

/**
 * Runs the schedule of `plan` in real time against the mock gateway on a socket, with real signatures,
 * and puts what happened before the same oracles.
 */
export async function runOverSockets(
  drawn: Plan,
  trace?: (line: string) => void,
): Promise<Outcome> {
  const plan = overSockets(drawn)
  const clock = startFastClock(Date.now(), SPEED)
  const keys = plan.wallets.map((namespace) => ({ namespace, open: createKey(namespace) }))
  const gateway = await createMockGateway({ ...gatewayOptions(plan), clock: clock.now })
  try {
    const payees = await payeesOf(gateway)
    const holders = keys.map(({ namespace, open }) =>
      createHolder(namespace, gateway.url, open().address, payees.get(namespace) ?? ''),
    )
    const world = createWorld(plan, { platform: realPlatform, holders, timeline: clock }, trace)
    const ledger = createLedger(world)
    const sent = new Map<string, Paid>()
    const look = () => readGateway(world, gateway, sent)
    const wire: Wire = {
      origin: gateway.url,
      rpc: Object.fromEntries(
        Object.entries(gateway.rpc).map(([network, url]) => [network, plan.rpc > 0 ? [url] : []]),
      ),
      request: requestOf,
      answers: (text, call) => isAnswer(text, call, gateway),
      send: (process, url, init, deliver) => {
        look()
        watchRequest(world, ledger, sent, url, init)
        world.log(() => `${process} -> ${url.slice(gateway.url.length)}`)
        globalThis.fetch(url, init).then(
          (response) => {
            world.log(() => `${process} <- ${url.slice(gateway.url.length)} ${response.status}`)
            if (response.ok && url.endsWith(CHAT)) world.servedAt = clock.now()
            deliver(response)
          },
          (error) => deliver(error instanceof Error ? error : new Error(String(error))),
        )
      },
      calm: () => gateway.faults.clear(),
      rest: async (ms) => {
        const isAlone = world.calm || plan.callers * plan.processes === 1
        if (isAlone) clock.leap(ms)
        await clock.pass(Math.min(ms, LONGEST_REST_MS))
      },
      openWallets: (process, touch) =>
        keys.map(({ open }, index) => {
          const holder = holders[index]
          if (!holder) throw new TypeError('each key has a holder')
          const onPaid = (key: string, payment: Paid) => void sent.set(key, payment)
          return watched(open(), holder, process, { world, ledger, touch, look, onPaid })
        }),
    }
    if (plan.warm !== 'no') warmUp(world, gateway)
    gateway.faults.random(chancesOf(plan), plan.seed)
    const mine = async () => {
      await gateway.state.advance({ blocks: 1 })
      clock.after(BLOCK_MS, mine)
    }
    await mine()
    await play({ world, ledger, wire })
    look()
    auditBooks(world)
    auditGateway(world, gateway)
    for (const { kind } of gateway.state.faults) world.count(`fault: ${kind}`)
    return { violations: world.violations, counts: world.counts }
  } finally {
    clock.stop()
    await gateway.close()
  }
}

const CHAT = '/v1/chat/completions'

function requestOf(call: number) {
  const messages = [{ role: 'user', content: `call ${call}` }]
  return {
    path: CHAT,
    init: {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-call': String(call) },
      body: JSON.stringify({ model: 'arouter/echo', messages }),
    },
  }
}

function isAnswer(text: string, call: number, { state }: MockGateway): boolean {
  try {
    return JSON.parse(text).choices[0].message.content === `call ${call}`
  } catch {
    return state.faults.some(({ kind }) => kind === 'truncate-body')
  }
}

// Whom the gateway has paid on each chain, from its own terms.
async function payeesOf(gateway: MockGateway): Promise<ReadonlyMap<string, string>> {
  const response = await gateway.fetch(gateway.url + CHAT, requestOf(0).init)
  const header = response.headers.get('payment-required') ?? ''
  const { accepts } = JSON.parse(Buffer.from(header, 'base64').toString())
  return new Map(
    accepts.map(({ network, payTo }: Record<'network' | 'payTo', string>) => [
      network.split(':')[0],
      payTo,
    ]),
  )
}

function watchRequest(
  world: World,
  ledger: ReturnType<typeof createLedger>,
  sent: ReadonlyMap<string, Paid>,
  url: string,
  init: RequestInit,
): void {
  const [holder] = world.holders
  if (!holder?.keys.need.includes(new URL(url).origin)) world.fail('sent to another origin', url)
  const headers = new Headers(init.headers)
  const id = headers.get('x-call')
  const call = id === null ? undefined : Number(id)
  if (call !== undefined && world.calls[call]?.abortedAt !== undefined) {
    world.fail('sent after abort', url)
  }
  const payment = headers.get('payment-signature')
  if (payment === null) return
  const { payload } = JSON.parse(Buffer.from(payment, 'base64').toString())
  ledger.onSend(sent.get(keyOf(payload)), payment, call)
}

// What the gateway knows of payments and credit, as the oracles look at it.
function readGateway(world: World, { state }: MockGateway, sent: ReadonlyMap<string, Paid>): void {
  const byNonce = new Map([...sent].map(([key, payment]) => [nonceOf(key, payment), payment]))
  for (const { nonce, at, credited } of state.payments) {
    const payment = byNonce.get(nonce)
    if (!payment) world.fail('unknown payment', nonce)
    else if (payment.settledAt === undefined) {
      payment.settledAt = at
      payment.everSettled = true
      world.count('settled on chain')
      world.log(() => `   gateway has ${payment.mark}: ${credited}`)
      if (credited > 0n) payment.creditedAt = at
    }
  }
  const price = priceOf(world.plan.gateway)
  for (const { subject, balance } of state.tenants) {
    world.credit.set(subject, balance > 0n ? Number((balance + price - 1n) / price) : 0)
  }
  for (const kind of LOSSES) {
    if (state.faults.some((fault) => fault.kind === kind)) world.counts['fault: drop'] ??= 1
  }
}

/** Faults that can lose a receipt. */
const LOSSES = [
  'hang-after-settle',
  'drop-after-settle',
  '5xx-after-settle',
  '429-after-settle',
  '402-after-settle',
  'receipt-lost',
  'receipt-spoofed',
  'reset-body',
  'settle-late',
] as const

// A record of the gateway names a payment on Solana by its message: the transaction without its signatures.
function nonceOf(key: string, { holder }: Paid): string {
  if (holder.namespace === 'eip155') return key
  const transaction = Buffer.from(key, 'base64')
  return encode58(transaction.subarray(1 + (transaction[0] ?? 0) * 64))
}

function warmUp(world: World, gateway: MockGateway): void {
  const holder = world.holders[world.plan.warmWallet]
  if (!holder) throw new TypeError('the warm wallet is one of the wallets')
  const { gateway: planned } = world.plan
  gateway.state.setCredit(holder.address, priceOf(planned) * BigInt(planned.requestsPerPayment))
  storeTrace(world, holder, gateway.url)
}

// The gateway's own books, to the unit.
function auditGateway(world: World, { state }: MockGateway): void {
  for (const { tenant, holds } of state.conservation()) {
    if (!holds) world.fail('gateway books differ', tenant)
  }
  const taken = (owner: Holder) =>
    [...world.payments.values()]
      .filter(({ holder, settledAt }) => holder === owner && settledAt !== undefined)
      .reduce((sum, { amount }) => sum + amount, 0n)
  for (const holder of world.holders) {
    const paid = state.payments
      .filter(({ payer }) => payer.toLowerCase() === holder.address.toLowerCase())
      .reduce((sum, { amount }) => sum + amount, 0n)
    if (paid !== taken(holder)) world.fail('lost', `${paid} paid, ${taken(holder)} known`)
  }
}
