import { createHash } from 'node:crypto'
import { namedNeed } from '../../../packages/sdk/src/agent/needOf'
import { type Agent, openAgent } from '../../../packages/sdk/src/agent/openAgent'
import { buyKeyPass } from '../../../packages/sdk/src/dialects/aixbt/buyKeyPass'
import type { KeyPass } from '../../../packages/sdk/src/dialects/aixbt/KeyPass'
import { isARouterError } from '../../../packages/sdk/src/errors'
import { parseBase } from '../../../packages/sdk/src/exchange'
import { readPolicy } from '../../../packages/sdk/src/payment/policy'
import type { Runtime } from '../../../packages/sdk/src/runtime'
import { guarded, type Json, type Store } from '../../../packages/sdk/src/store/Store'
import type { Wallet } from '../../../packages/sdk/src/wallet'
import { chanceFrom } from '../Chance'
import { createTimeline } from '../Timeline'
import { base64 } from '../terms'
import { EVM, ORIGIN, START } from '../World'
import type { SellerPlan } from './plan'

const PRICE = 1_000_000n
const TIMEOUT_MS = 10_000
const MOST_STEPS = 100_000
const VALID_S = 60
const SHOP = `${ORIGIN}/x402/v2/api-keys/`
const KEY = 'a-key-of-aixbt-'

// It would take real time.
crypto.subtle.digest = async (_, data) =>
  new Uint8Array(
    createHash('sha256')
      .update(new Uint8Array(data as ArrayBuffer))
      .digest(),
  ).buffer

/** One signature, and all that is true of it. */
type Paid = {
  readonly nonce: string
  readonly need: string
  readonly validBefore: number
  /** It has left its process. */
  left: boolean
  settled: boolean
  /** All of the answer that it bought has come to a process. */
  arrived: boolean
  /** A caller has had it. */
  delivered: boolean
}

/** Runs one schedule; resolves to what was wrong, and how often what happened. */
export async function simulateSeller(plan: SellerPlan, trace: (line: string) => void = () => {}) {
  const chance = chanceFrom(plan.seed ^ 0x5e11e4)
  const timeline = createTimeline(START)
  const violations: string[] = []
  const counts: Record<string, number> = {}
  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1
  }
  const log = (line: string) => trace(`${((timeline.now() - START) / 1000).toFixed(3)} ${line}`)
  const fail = (what: string) => {
    log(`!! ${what}`)
    violations.push(what)
  }
  const values = new Map<string, Json>()
  const signed = new Map<string, Paid>()
  let calm = false
  const goesWrong = (probability: number) => !calm && chance.happens(probability)
  const seconds = () => Math.floor(timeline.now() / 1000)

  /* The seller. */

  const settle = (paid: Paid): boolean => {
    if (paid.settled || seconds() > paid.validBefore) return false
    paid.settled = true
    count('settled')
    log(`settled ${paid.nonce} for ${paid.need}`)
    return true
  }

  const terms = (error?: string): Response => {
    const offer = {
      scheme: 'exact',
      asset: EVM.asset,
      payTo: EVM.payTo,
      maxTimeoutSeconds: VALID_S,
    }
    const extra = { name: 'USD Coin', version: '2' }
    const url = `${ORIGIN}/thing`
    if (plan.manner === 'v1') {
      const accepts = [
        { ...offer, extra, network: 'base', maxAmountRequired: `${PRICE}`, resource: url },
      ]
      return Response.json({ x402Version: 1, error, accepts }, { status: 402 })
    }
    const accepts = [{ ...offer, extra, network: EVM.network, amount: `${PRICE}` }]
    const required = base64({ x402Version: 2, error, resource: { url }, accepts })
    return new Response(null, { status: 402, headers: { 'payment-required': required } })
  }

  const receipt = () => {
    const name = plan.manner === 'v1' ? 'x-payment-response' : 'payment-response'
    const network = plan.manner === 'v1' ? 'base' : EVM.network
    const content = { success: true, transaction: '0xtx', network, payer: EVM.address }
    return { [name]: base64(content) }
  }

  const paidWith = (header: string) => signed.get(JSON.parse(atob(header)).payload.nonce)

  const send = (header: string) => {
    const paid = paidWith(header)
    if (!paid || paid.left) return
    paid.left = true
    mustBeAlone(paid)
  }

  const sell = (header: string, url: string): Response => {
    const paid = paidWith(header)
    if (!paid) {
      fail('unknown payment')
      return terms()
    }
    count('presented')
    const remembers = plan.manner === 'remembers' || plan.manner === 'v1'
    if (paid.settled && !remembers) return terms('nonce_already_used')
    if (goesWrong(plan.faults / 3)) return new Response(null, { status: 500 })
    if (plan.manner === 'settles last' && goesWrong(plan.faults)) {
      return Response.json({ error: 'failed' }, { status: 500 })
    }
    if (!paid.settled && !settle(paid)) return terms('invalid_exact_evm_payload_expired')
    if (goesWrong(plan.faults / 3)) return new Response(null, { status: 502, headers: receipt() })
    const headers = goesWrong(plan.faults / 3) ? {} : receipt()
    if (!url.startsWith(SHOP)) return new Response(`${paid.need} for ${paid.nonce}`, { headers })
    const expiresAt = new Date(START + 86_400_000).toISOString()
    const data = { apiKey: `${KEY}${paid.nonce}`, expiresAt, period: '1d' }
    return Response.json({ data }, { status: 201, headers })
  }

  /* Processes. */

  type Process = {
    readonly name: string
    readonly agent: Agent
    readonly save: (pass: KeyPass) => Promise<void>
    readonly isAlive: () => boolean
    readonly death: Promise<void>
  }
  const startProcess = (name: string): Process => {
    let alive = true
    let die = () => {}
    const death = new Promise<void>((resolve) => {
      die = resolve
    })
    // Nothing a dead process still awaits ever comes.
    const isDead = () => {
      if (alive && goesWrong(plan.crashes)) {
        alive = false
        count('crash')
        log(`${name} dies`)
        die()
      }
      return !alive
    }
    const step = <T>(act: () => T): Promise<T> =>
      new Promise((resolve, reject) => {
        if (isDead()) return
        const fails = goesWrong(plan.storeFaults) ? chance.pick('before', 'after') : undefined
        if (fails === 'before') return reject(new Error('the store failed'))
        const result = act()
        if (isDead()) return
        if (fails) reject(new Error('the store lost its answer'))
        else resolve(result)
      })
    const store: Store = {
      durable: true,
      get: (key) => step(() => values.get(key)),
      update: (key, change) =>
        step(() => {
          const after = change(values.get(key))
          if (after === undefined) values.delete(key)
          else values.set(key, after)
          return after
        }),
      list: (prefix) => step(() => [...values].filter(([key]) => key.startsWith(prefix)).sort()),
    }
    const runtime: Runtime = {
      now: timeline.now,
      after: (ms, run) => timeline.after(ms, () => isDead() || run()),
      random: chance.next,
      fetch: (input, init = {}) =>
        new Promise((resolve, reject) => {
          if (isDead()) return
          const { signal } = init
          if (signal?.aborted) return reject(signal.reason)
          signal?.addEventListener('abort', () => reject(signal.reason))
          const headers = new Headers(init.headers)
          const payment = headers.get('payment-signature') ?? headers.get('x-payment')
          if (payment) send(payment)
          const drop = goesWrong(plan.faults) ? chance.pick('before', 'after', 'hang', 'cut') : ''
          log(`${name} -> ${String(input).slice(ORIGIN.length)} ${payment ? 'paid' : ''} ${drop}`)
          timeline.after(chance.between(5, 300), () => {
            if (drop === 'before') return isDead() || reject(new TypeError('fetch failed'))
            const answer = payment ? sell(payment, String(input)) : terms()
            if (drop === 'hang') return
            timeline.after(chance.between(5, 300), () => {
              if (isDead()) return
              if (drop === 'after') return reject(new TypeError('fetch failed'))
              const paid = payment && answer.ok && drop !== 'cut' ? paidWith(payment) : undefined
              if (paid) paid.arrived = true
              resolve(drop === 'cut' ? cut(answer) : answer)
            })
          })
        }),
    }
    const wallet = openWallet(name, step)
    const limits = {
      rpc: { [EVM.network]: ['https://rpc.test'] },
      budget: { limit: '$1000' },
    } as const
    const agent = openAgent({
      ...limits,
      places: new Map([[ORIGIN, parseBase(ORIGIN)]]),
      wallets: [wallet],
      policy: readPolicy(limits, [wallet], false),
      runtime,
      store: guarded(store),
      timeout: TIMEOUT_MS,
      maxRetries: 2,
    })
    const save = ({ apiKey }: KeyPass) =>
      step(() => {
        const paid = signed.get(apiKey.slice(KEY.length))
        if (!paid) return fail(`a key that nobody sold: ${apiKey}`)
        paid.delivered = true
        log(`${name} saves the key for ${paid.nonce}`)
      })
    return { name, agent, save, isAlive: () => alive, death }
  }

  const openWallet = (name: string, step: <T>(act: () => T) => Promise<T>): Wallet => {
    const asset = { address: EVM.asset, symbol: 'USDC', decimals: 6, testnet: false, rpc: '' }
    return {
      namespace: 'eip155',
      address: EVM.address,
      networks: { [EVM.network]: asset },
      refuse: () => undefined,
      prepare: ({ network, asset: of, amount, payTo }, { now, validity }) =>
        step(() => ({
          summary: { network, asset: of, amount, payTo, from: EVM.address },
          expiresAt: now + validity,
          evidence: { nonce: 'n' },
          sign: () =>
            step(() => {
              const nonce = `n${signed.size}`
              const paid = {
                nonce,
                need: needAt(),
                validBefore: now + validity,
                left: false,
                settled: false,
                arrived: false,
                delivered: false,
              }
              signed.set(nonce, paid)
              count('signed')
              log(`${name} signs ${nonce} for ${paid.need}`)
              return { payload: { nonce }, evidence: { nonce } }
            }),
        })),
      signMessage: () => step(() => 'signed'),
      fate: async ({ nonce }) => {
        const paid = signed.get(String(nonce))
        if (!paid || goesWrong(plan.rpcFaults)) return 'unknown'
        if (paid.settled) return 'settled'
        return seconds() > paid.validBefore ? 'dead' : 'unknown'
      },
    }
  }

  // What is being signed for is what stands as intended: the journal says so before the wallet is asked.
  let signing = ''
  const needAt = () => signing
  const watch = (key: string, value: Json | undefined) => {
    if (!key.startsWith('need/') || typeof value !== 'object' || value === null) return
    if ('state' in value && value.state === 'intended')
      signing = key.slice(key.lastIndexOf('/') + 1)
  }
  const set = values.set.bind(values)
  values.set = (key, value) => {
    watch(key, value)
    return set(key, value)
  }

  // Of two signatures for one need, the other is dead, or bought what its caller has had, or would have
  // had if its process had not died with the answer in hand.
  const mustBeAlone = (next: Paid) => {
    for (const other of signed.values()) {
      if (other === next || !other.left || other.need !== next.need) continue
      const isDead = !other.settled && seconds() > other.validBefore
      const hasCome = other.delivered || (other.arrived && counts.crash)
      // One that was named is not bought again, but for a key, once that was saved.
      const isMet = next.need.startsWith('key-')
        ? other.delivered && keyNeeds.has(next.need)
        : hasCome
      if (!isDead && !isMet) {
        fail(`double payment: ${other.nonce} and ${next.nonce} for ${next.need}`)
      }
    }
  }

  /* People. */

  const answers = new Map<string, string>()
  const call = async (process: Process, thing: number, isNamed: boolean) => {
    const before = signed.size
    const init = isNamed ? { idempotencyKey: `order-${thing}` } : {}
    const name = `${process.name} wants ${thing}${isNamed ? ', named' : ''}`
    log(name)
    try {
      const answer = await process.agent.fetch(`${ORIGIN}/thing/${thing}`, init)
      const text = await answer.text().catch(() => undefined)
      if (text === undefined) return count('broken off in the hands of its caller')
      log(`${name}: ${answer.status} ${text}`)
      if (!answer.ok) return count(`status ${answer.status}`)
      count('served')
      const paid = signed.get(text.split(' for ')[1] ?? '')
      if (!paid) return fail(`an answer that nobody sold: ${text}`)
      paid.delivered = true
      if (!isNamed) return
      const earlier = answers.get(paid.need)
      if (earlier !== undefined && earlier !== text) fail(`another answer for ${paid.need}`)
      answers.set(paid.need, text)
    } catch (error) {
      log(`${name}: ${error}`)
      if (!isARouterError(error)) return fail(`untyped: ${error}`)
      count(error.code)
      const mine = [...signed.values()].slice(before).filter(({ settled }) => settled)
      const isAlone = plan.processes === 1 && plan.calls === 1
      if (error.fundsMoved === 'no' && isAlone && mine.length > 0) fail('says no funds moved')
    }
  }

  const keyNeeds = new Map<string, 'open' | 'told lost'>()
  const buyKey = async ({ name, agent, save }: Process, order: number) => {
    const need = await namedNeed(`aixbt 1d ${order}`)
    keyNeeds.set(need, 'open')
    log(`${name} wants key ${order}`)
    try {
      await buyKeyPass(agent, '1d', { save, order: `${order}`, baseURL: ORIGIN })
      count('key saved')
    } catch (error) {
      log(`${name} has no key ${order}: ${error}`)
      if (!isARouterError(error)) return fail(`untyped: ${error}`)
      count(`key: ${error.code}`)
      if (error.code === 'paid_but_failed') keyNeeds.set(need, 'told lost')
    }
  }

  const play = async () => {
    const processes = Array.from({ length: plan.processes }, (_, at) => startProcess(`P${at}`))
    const calls = Array.from({ length: plan.calls }, async () => {
      await timeline.pass(chance.between(0, 3_000) * chance.pick(0, 1, 30))
      const at = chance.between(0, plan.processes - 1)
      const process = processes[at]
      if (!process) return
      const current = process.isAlive() ? process : startProcess(`${process.name}'`)
      processes[at] = current
      const thing = chance.between(1, plan.things)
      const wants = chance.happens(plan.keys)
        ? buyKey(current, thing)
        : call(current, thing, chance.happens(plan.named))
      await Promise.race([wants, current.death])
    })
    await Promise.all(calls)
    // All is well from here on: what was bought and kept is there, and every need is decided.
    calm = true
    await timeline.pass(1_000_000)
    const last = startProcess('last')
    for (const thing of Array.from({ length: plan.things }, (_, index) => index + 1)) {
      await call(last, thing, true)
      if (plan.keys > 0) await buyKey(last, thing)
    }
    await last.agent.payments.reconcile()
    await audit(last)
  }

  const audit = async ({ agent }: Process) => {
    for (const { need, nonce, settled, delivered } of signed.values()) {
      const isLost = keyNeeds.has(need) && settled && !delivered
      if (isLost && keyNeeds.get(need) !== 'told lost') fail(`lost key: ${nonce}`)
    }
    const entries = await agent.payments.list()
    const [budget] = await agent.budget.status()
    const settled = [...signed.values()].filter((paid) => paid.settled).length
    const booked = entries.filter(({ state }) => state === 'settled').length
    if (booked !== settled) fail(`books differ: ${settled} settled, ${booked} booked`)
    const counted = (budget?.spent ?? 0n) + (budget?.reserved ?? 0n)
    if (counted < BigInt(settled) * PRICE) fail(`budget counts ${counted} of ${settled}`)
    const lingering = BigInt(counts.crash ?? 0) * PRICE + (plan.storeFaults ? 99n * PRICE : 0n)
    if (counted > BigInt(settled) * PRICE + lingering) fail(`budget counts ${counted}`)
  }

  let isOver = false
  const script = play().finally(() => {
    isOver = true
  })
  script.catch((error) => fail(`simulator: ${error?.stack}`))
  const end = await timeline.run(() => isOver, MOST_STEPS)
  if (end !== 'done') fail(end === 'idle' ? 'a caller is left waiting' : 'endless')
  return { violations, counts }
}

/** The same answer, broken off in its midst. */
function cut(answer: Response): Response {
  const { status, headers } = answer
  if (!answer.body) return answer
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('ha'))
      controller.error(new TypeError('terminated'))
    },
  })
  return new Response(body, { status, headers })
}
