import type { Books } from '../../packages/sdk/src/ARouter'
import { createLayers } from '../../packages/sdk/src/bindWallets'
import { compose, type Send } from '../../packages/sdk/src/compose'
import { createExchange, parseBase, transport } from '../../packages/sdk/src/exchange'
import { retry } from '../../packages/sdk/src/retry'
import type { Runtime } from '../../packages/sdk/src/runtime'
import type { Store } from '../../packages/sdk/src/store/Store'
import type { Surroundings, Touch } from './Wire'
import type { World } from './World'

/** By a clock that jumps about by more than a budget's window in all, its payments are long past. */
const FARTHEST_MS = 10 * 3_600_000

/** A client as it runs in a process of its own, which may die at any step. */
export type ClientProcess = {
  readonly name: string
  readonly isAlive: () => boolean
  /** Resolves when it dies. */
  readonly death: Promise<void>
  readonly send: (call: number, signal: AbortSignal | undefined) => Promise<Response>
  readonly books: Books
}

/** Starts a client on the world's store. Whatever it touches is a step at which it may die. */
export function startProcess(name: string, surroundings: Surroundings): ClientProcess {
  const { world, wire } = surroundings
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
          const jump = chance.pick(-3_600_000, -30_000, 30_000, 300_000, 3_600_000)
          skew += Math.abs(skew + jump) > FARTHEST_MS ? -jump : jump
          world.count('clock jump')
          world.log(() => `${name} clock is off by ${skew / 1000} s`)
        }
        const { signal } = init
        if (signal?.aborted) return reject(signal.reason)
        signal?.addEventListener('abort', () => reject(signal.reason))
        wire.send(name, String(input), init, (outcome) => {
          if (isDead()) return
          if (outcome instanceof Error) reject(outcome)
          else resolve(outcome)
        })
      }),
  }

  const touch = createTouch(world, isDead)
  const store = createStore(surroundings, touch)
  const [wallet, ...others] = wire.openWallets(name, touch)
  if (!wallet) throw new TypeError('a client that pays has a wallet')
  const base = parseBase(wire.origin)
  const { interceptors, belowRetries, books } = createLayers(
    { base, runtime, timeout: plan.timeout },
    [wallet, ...others],
    [wallet, ...others],
    {
      store,
      rpc: wire.rpc,
      budget: {
        limit: plan.limit,
        window: '24h',
        ...(plan.perOrigin !== undefined && { perOrigin: plan.perOrigin }),
      },
      onUnconfirmed: plan.onUnconfirmed,
      ...(plan.topUp !== undefined && { topUp: plan.topUp }),
      ...(plan.topUpBelow !== undefined && { topUpBelow: plan.topUpBelow }),
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
  const layers = [...interceptors, retry(runtime, plan.retries), ...belowRetries]
  const send: Send = compose(layers, transport(runtime))
  world.log(() => `${name} starts`)
  return {
    name,
    isAlive: () => alive,
    death,
    books,
    send: async (call, signal) => {
      const { path, init } = wire.request(call)
      const asked = signal ? { ...init, signal } : init
      const exchange = await createExchange(base, path, asked, plan.timeout)
      return send(exchange)
    },
  }
}

function createTouch({ chance, timeline, goesWrong, log }: World, isDead: () => boolean): Touch {
  return <T>(what: string, delay: number, act: () => T | Promise<T>, mayFail = 0) =>
    new Promise<T>((resolve, reject) => {
      const fails = goesWrong(mayFail) ? chance.pick('before', 'after') : undefined
      const end = (result: T) => {
        if (isDead()) return
        if (fails) reject(new Error(`the answer to ${what} was lost`))
        else resolve(result)
      }
      const fall = (error: unknown) => isDead() || reject(error)
      const go = () => {
        if (isDead()) return
        if (fails) log(() => `   ${what} fails ${fails} it is done`)
        if (fails === 'before') return reject(new Error(`${what} failed`))
        try {
          const result = act()
          if (result instanceof Promise) result.then(end, fall)
          else end(result)
        } catch (error) {
          fall(error)
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
