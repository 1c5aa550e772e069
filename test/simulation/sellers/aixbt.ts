import { buyKeyPass } from '../../../packages/sdk/src/dialects/aixbt/buyKeyPass'
import type { KeyPass } from '../../../packages/sdk/src/dialects/aixbt/KeyPass'
import { passKeeper } from '../../../packages/sdk/src/dialects/aixbt/passKeeper'
import { sendWithKey } from '../../../packages/sdk/src/dialects/aixbt/sendWithKey'
import { parseBase } from '../../../packages/sdk/src/exchange'
import { ORIGIN } from '../World'
import { ask, receipt } from './asking'
import type { Process } from './Process'
import type { Paid, Scene, Thing } from './Scene'
import type { Asked, System } from './System'
import { textOf, type Wishes } from './Wishes'

const SHOP = '/x402/v2/api-keys/'
const PRICES: Readonly<Record<string, bigint>> = {
  '1d': 10_000_000n,
  '1w': 50_000_000n,
  '4w': 100_000_000n,
}
/** The one that is renewed by itself. */
const RENEWED = '1w'
const BEFORE_S = 10
const KEY = 'a-key-of-aixbt-'
const TIMES = { timeout: 10_000, maxWait: 75_000 }

/** aixbt: keys that are shown once, and settled only for what is answered with a 2xx. */
export function aixbt(scene: Scene, { wish, deliver }: Wishes): System {
  const { plan, chance, timeline, holder, goods, goesWrong, settle, fail } = scene
  const { faults } = plan
  const ends = new Map<string, number>()
  let vault: KeyPass | undefined
  const fetches = new WeakMap<Process, ReturnType<typeof sendWithKey>['send']>()

  const thingOf = (period: string): Thing => ({
    name: `a key for ${period}`,
    kind: 'saved',
    mayFollow: ({ nonce, deliveredAt }) => {
      if (deliveredAt === undefined) return false
      const left = (ends.get(nonce) ?? 0) - timeline.now()
      return period !== RENEWED || left <= BEFORE_S * 1_000
    },
  })
  const nonceOf = (apiKey: string) => apiKey.slice(KEY.length)
  const put = ({ step, name }: Process, pass: KeyPass, keep = (_: KeyPass) => {}) =>
    step(() => {
      deliver(nonceOf(pass.apiKey), pass.apiKey)
      scene.count('key saved')
      scene.log(() => `${name} saves ${pass.apiKey}`)
      keep(pass)
    }, plan.saveFaults)

  const sell = (paid: Paid | undefined, path: string): Response => {
    const period = path.slice(SHOP.length)
    const amount = PRICES[period]
    if (amount === undefined) {
      return Response.json({ status: 400, error: 'Invalid duration' }, { status: 400 })
    }
    const terms = (error?: string) => ask({ holder, amount, path, version: 2, error })
    if (!paid) return terms()
    if (paid.settled) return terms('nonce_already_used')
    if (paid.amount !== amount) return terms('amount_mismatch')
    // What fails before the key is made, or in making it, is not charged.
    if (goesWrong(faults / 2)) return Response.json({ status: 500 }, { status: 500 })
    if (goesWrong(faults / 6)) return terms('settlement_failed')
    if (!settle(paid)) return terms('payment_expired')
    const end = timeline.now() + plan.lasts * 1_000
    ends.set(paid.nonce, end)
    const data = {
      apiKey: KEY + paid.nonce,
      expiresAt: new Date(end).toISOString(),
      period,
      type: 'x402',
      scopes: ['mcp', 'projects'],
      rateLimit: { requestsPerMinute: 30, requestsPerDay: 10_000 },
    }
    const headers = goesWrong(faults / 3) ? {} : receipt(holder)
    const answer = Response.json({ status: 201, data }, { status: chance.pick(200, 201), headers })
    goods.set(answer, paid)
    return answer
  }

  const serve = ({ headers }: Asked): Response => {
    const key = headers.get('x-api-key') ?? ''
    const end = ends.get(nonceOf(key))
    const code = end === undefined ? 'INVALID_API_KEY' : 'API_KEY_EXPIRED'
    if (end === undefined || end <= timeline.now()) {
      return Response.json({ message: 'no', code }, { status: 401 })
    }
    if (!goesWrong(faults / 3)) return Response.json({ status: 200, data: nonceOf(key) })
    const body = { error: 'Too Many Requests', code: 'RATE_LIMIT_EXCEEDED', limitType: 'minute' }
    return Response.json(body, { status: 429, headers: { 'retry-after': '7' } })
  }

  const fetchOf = (process: Process) => {
    const standing = fetches.get(process)
    if (standing) return standing
    const { runtime, step, wallet } = process
    const keeper = passKeeper({
      passes: {
        load: () => step(() => vault),
        save: (pass) =>
          put(process, pass, (kept) => {
            vault = kept
          }),
      },
      renewal: { wallet, renew: { period: RENEWED, before: `${BEFORE_S}s` } },
      baseURL: ORIGIN,
      runtime,
    })
    const { send } = sendWithKey({ base: parseBase(ORIGIN), runtime, keeper, ...TIMES })
    fetches.set(process, send)
    return send
  }

  return {
    thingOf: ({ path }) => thingOf(path.slice(SHOP.length)),
    answer: (asked) => (asked.path.startsWith(SHOP) ? sell(asked.paid, asked.path) : serve(asked)),
    want: (process) => {
      if (chance.happens(plan.others)) {
        return wish(process, thingOf(RENEWED), async (now) => {
          const answer = await fetchOf(now)('/v2/projects')
          const text = await textOf(answer)
          if (text === undefined) return 'broken off in the hands of its caller'
          if (answer.ok && !ends.has(JSON.parse(text).data)) fail('a key that nobody sold', text)
          return answer.ok ? 'used a key' : `status ${answer.status}`
        })
      }
      const period = chance.pick('1d', '4w')
      return wish(process, thingOf(period), async (now) => {
        await buyKeyPass(now.wallet, period, { save: (pass) => put(now, pass), baseURL: ORIGIN })
        return 'bought a key'
      })
    },
    canBeHad: () => false,
  }
}
