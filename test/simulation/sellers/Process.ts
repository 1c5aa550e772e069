import type { AgentWallet } from '../../../packages/sdk/src/agent/createAgentWallet'
import { openAgent } from '../../../packages/sdk/src/agent/openAgent'
import { parseBase } from '../../../packages/sdk/src/exchange'
import { type PaymentIntent, readPolicy } from '../../../packages/sdk/src/payment/policy'
import type { Runtime } from '../../../packages/sdk/src/runtime'
import { guarded, type Store } from '../../../packages/sdk/src/store/Store'
import { ORIGIN } from '../World'
import type { Network } from './network'
import { openWallet } from './openWallet'
import type { Scene } from './Scene'

const TIMEOUT_MS = 10_000
/** The dearest thing that any seller sells, in dollars. */
const DEAREST = 100

/** One step outside of a process: it may die before or after, and the step may fail before or after it is done. */
export type Step = <T>(act: () => T, mayFail?: number) => Promise<T>

/** An agent's wallet as it runs in a process of its own, which may die at any step. */
export type Process = {
  readonly name: string
  readonly wallet: AgentWallet
  readonly runtime: Runtime
  readonly step: Step
  readonly isAlive: () => boolean
  /** Resolves when it dies. */
  readonly death: Promise<void>
}

export function startProcess(name: string, scene: Scene, network: Network): Process {
  const { plan, chance, timeline, values, holder, goesWrong } = scene
  let alive = true
  let die = () => {}
  const death = new Promise<void>((resolve) => {
    die = resolve
  })

  // Nothing a dead process still awaits ever comes.
  const isDead = () => {
    if (alive && goesWrong(plan.crashes)) {
      alive = false
      scene.count('crash')
      scene.log(() => `${name} dies`)
      die()
    }
    return !alive
  }

  const step: Step = (act, mayFail = 0) =>
    new Promise((resolve, reject) => {
      if (isDead()) return
      const fails = goesWrong(mayFail) ? chance.pick('before', 'after') : undefined
      if (fails === 'before') return reject(new Error('the step failed'))
      const result = act()
      if (isDead()) return
      if (fails) reject(new Error('the answer of the step was lost'))
      else resolve(result)
    })

  const onStore = <T>(act: () => T) => step(act, plan.storeFaults)
  const store: Store = {
    durable: true,
    get: (key) => onStore(() => values.get(key)),
    update: (key, change) =>
      onStore(() => {
        const after = change(values.get(key))
        if (after === undefined) values.delete(key)
        else values.set(key, after)
        return after
      }),
    list: (prefix) =>
      onStore(() =>
        [...values].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
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
        network(name, String(input), init, (outcome) => {
          if (isDead() || signal?.aborted) return false
          if (outcome instanceof Error) reject(outcome)
          else resolve(outcome)
          return true
        })
      }),
  }

  const approved: PaymentIntent[] = []
  const limits = {
    rpc: { [holder.network]: ['https://rpc.test'] },
    payTo: [holder.payTo],
    maxPerPayment: `$${DEAREST}`,
    budget: { limit: `$${DEAREST * plan.room}` },
    ...(plan.approve !== 'unasked' && {
      approve: (intent: PaymentIntent) =>
        step(() => {
          const isGood = plan.approve === 'yes' || !goesWrong(0.3)
          if (isGood) approved.push(intent)
          return isGood
        }),
    }),
  } as const
  const signer = openWallet(name, scene, step, plan.approve === 'unasked' ? undefined : approved)
  const agent = openAgent({
    ...limits,
    places: new Map([[ORIGIN, parseBase(ORIGIN)]]),
    wallets: [signer],
    policy: readPolicy(limits, [signer], false),
    runtime,
    store: guarded(store),
    timeout: TIMEOUT_MS,
    maxRetries: 2,
  })
  scene.log(() => `${name} starts`)
  return {
    name,
    wallet: { ...agent, bind: unbound },
    runtime,
    step,
    isAlive: () => alive,
    death,
  }
}

function unbound(): never {
  throw new TypeError('there is no gateway here')
}
