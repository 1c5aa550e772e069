import type { Books } from '../../packages/sdk/src/ARouter'
import { createLayers } from '../../packages/sdk/src/bindWallets'
import { compose, type Send } from '../../packages/sdk/src/compose'
import { createExchange, parseBase, transport } from '../../packages/sdk/src/exchange'
import { retry } from '../../packages/sdk/src/retry'
import type { Runtime } from '../../packages/sdk/src/runtime'
import type { Store } from '../../packages/sdk/src/store/Store'
import type { Wallet } from '../../packages/sdk/src/wallet'
import type { Chain } from './chain'
import type { Ledger } from './ledger'
import type { Network } from './network'
import { ASSET, NETWORK, ORIGIN, PAY_TO, PAYER, type Paid, type World } from './World'

/** A client as it runs in a process of its own, which may die at any step. */
export type ClientProcess = {
  readonly name: string
  readonly isAlive: () => boolean
  /** Resolves when it dies. */
  readonly death: Promise<void>
  readonly send: (path: string, signal: AbortSignal | undefined) => Promise<Response>
  readonly books: Books
}

export type Surroundings = {
  readonly world: World
  readonly chain: Chain
  readonly network: Network
  readonly ledger: Ledger
}

let nonces = 0

/** Starts a client on the world's store. Whatever it touches is a step at which it may die. */
export function startProcess(name: string, surroundings: Surroundings): ClientProcess {
  const { world, network } = surroundings
  const { plan, chance, timeline } = world
  let alive = true
  let die = () => {}
  const death = new Promise<void>((resolve) => {
    die = resolve
  })
  let skew = plan.skew

  // Nothing a dead process still awaits ever comes.
  const isDead = () => {
    if (alive && world.goesWrong(plan.crashes)) {
      alive = false
      world.count('crash')
      world.log(() => `${name} dies`)
      die()
    }
    return !alive
  }

  const runtime: Runtime = {
    now: () => timeline.now() + skew,
    after: (ms, run) => timeline.after(ms, () => isDead() || run()),
    random: chance.next,
    fetch: (input, init = {}) =>
      new Promise((resolve, reject) => {
        if (isDead()) return
        if (world.goesWrong(plan.clockJumps)) {
          skew += chance.pick(-3_600_000, -30_000, 30_000, 300_000, 3_600_000)
          world.count('clock jump')
          world.log(() => `${name} clock is off by ${skew / 1000} s`)
        }
        network.send(name, String(input), init, (outcome) => {
          if (isDead()) return
          if ('lost' in outcome) return reject(outcome.lost)
          const { status, headers, text = '' } = outcome.reply
          const cut = outcome.cut ? 'cut' : 'whole'
          resolve(world.platform.respond({ status, headers: { ...headers } }, text, cut))
        })
      }),
  }

  const touch = createTouch(world, isDead)
  const store = createStore(surroundings, touch)
  const wallet = createWallet(name, surroundings, touch)
  const base = parseBase(ORIGIN)
  const { interceptors, books } = createLayers(
    { base, runtime, timeout: plan.timeout },
    [wallet],
    [wallet],
    {
      store,
      rpc: { [NETWORK]: plan.rpc ? ['https://rpc.test'] : [] },
      budget: { limit: plan.limit, window: '24h' },
      onUnconfirmed: plan.onUnconfirmed,
      ...(plan.approve !== 'none' && {
        approve: () =>
          touch('approve', plan.walletDelay, () => {
            if (plan.approve === 'yes' || !world.goesWrong(0.2)) return true
            if (chance.happens(0.5)) throw new Error('approve broke')
            return false
          }),
      }),
    },
  )
  if (!books) throw new TypeError('a client that pays has books')
  const send: Send = compose([...interceptors, retry(runtime, plan.retries)], transport(runtime))
  world.log(() => `${name} starts`)
  return {
    name,
    isAlive: () => alive,
    death,
    books,
    send: async (path, signal) => {
      const exchange = await createExchange(base, path, signal ? { signal } : {}, plan.timeout)
      return send(exchange)
    },
  }
}

/** One step into the world, after at most `delay` ms: the process may die before it or after it. */
type Touch = <T>(what: string, delay: number, act: () => T, mayFail?: number) => Promise<T>

function createTouch({ chance, timeline, goesWrong, log }: World, isDead: () => boolean): Touch {
  return (what, delay, act, mayFail = 0) =>
    new Promise((resolve, reject) => {
      const fails = goesWrong(mayFail) ? chance.pick('before', 'after') : undefined
      const go = () => {
        if (isDead()) return
        if (fails) log(() => `   ${what} fails ${fails} it is done`)
        if (fails === 'before') return reject(new Error(`${what} failed`))
        try {
          const result = act()
          if (isDead()) return
          if (fails) reject(new Error(`the answer to ${what} was lost`))
          else resolve(result)
        } catch (error) {
          if (!isDead()) reject(error)
        }
      }
      if (delay > 0) timeline.after(chance.between(0, delay), go)
      else go()
    })
}

function createStore({ world, ledger }: Surroundings, touch: Touch): Store {
  const { values, plan, chance } = world
  const step = <T>(what: string, act: () => T) =>
    touch(`store ${what}`, world.calm ? 0 : plan.storeDelay, act, plan.storeFaults)
  return {
    durable: plan.durable,
    get: (key) => step(`get ${key}`, () => values.get(key)),
    update: (key, change) =>
      step(`update ${key}`, () => {
        const before = values.get(key)
        if (chance.happens(0.02)) change(before) // It may run more than once.
        const after = change(before)
        if (after === undefined) values.delete(key)
        else values.set(key, after)
        if (after !== before) ledger.onWrite(key, before, after)
        return after
      }),
    list: (prefix) =>
      step(`list ${prefix}`, () =>
        [...values].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
  }
}

function createWallet(name: string, surroundings: Surroundings, touch: Touch): Wallet {
  const { world, chain, ledger } = surroundings
  const { plan, chance, timeline } = world
  const asset = { address: ASSET, symbol: 'USDC', decimals: 6, testnet: false, rpc: '' }
  const ask = <T>(what: string, act: () => T) =>
    touch(what, world.calm ? 0 : plan.walletDelay, () => {
      if (world.goesWrong(plan.walletFaults)) throw chance.pick(declined(), new Error('unplugged'))
      return act()
    })
  return {
    namespace: 'eip155',
    address: PAYER,
    networks: { [NETWORK]: asset },
    refuse: (terms) => (terms.asset === ASSET ? undefined : 'another asset'),
    prepare: (terms, { now, validity, signal }) =>
      touch('prepare', 0, () => {
        const validBefore = now + validity
        const nonce = `n${nonces++}`
        const evidence = { nonce, validBefore: String(validBefore) }
        return {
          expiresAt: validBefore,
          evidence,
          sign: () => {
            ledger.onAsk(name, signal, terms.amount)
            return ask('sign', () => {
              if (terms.payTo !== PAY_TO) world.fail('signed for another payee', terms.payTo)
              const payment: Paid = {
                nonce,
                validBefore,
                amount: terms.amount,
                signedAt: timeline.now(),
                process: name,
              }
              world.log(() => `${name} signs ${nonce}`)
              ledger.onSign(payment)
              const value = terms.amount.toString()
              const signature = `signed ${nonce}`
              return {
                payload: { from: PAYER, to: terms.payTo, value, nonce, signature },
                evidence,
              }
            })
          },
        }
      }),
    signMessage: (message) => ask('sign in', () => `signed ${message.length}`),
    fate: ({ nonce = '', validBefore }, _context) =>
      touch('ask the chain', 100, () => {
        // An RPC that errs, or two that contradict each other.
        if (world.goesWrong(plan.chain.outages)) return 'unknown'
        return chain.fate(nonce, Number(validBefore))
      }),
  }
}

function declined(): Error {
  return Object.assign(new Error('The user said no.'), { code: 4001 })
}
