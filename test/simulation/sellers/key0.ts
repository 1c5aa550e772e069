import { key0 as openKey0 } from '../../../packages/sdk/src/dialects/key0/key0'
import { ORIGIN } from '../World'
import { ask, type Price, receipt } from './asking'
import { createKey0Book, type Sold } from './key0Book'
import { orderIn, overA2a, overHttp, overMcp, paymentIn } from './key0Transports'
import type { Process } from './Process'
import type { Scene, Thing } from './Scene'
import type { Asked, System } from './System'
import { named, single, soldBy, textOf, type Wishes } from './Wishes'

const PRICE = 100_000n
const TOKEN = 'token-'

/** A Key0 seller: plans over its three transports, access that ends, and routes that are paid for by the request. */
export function key0(scene: Scene, { wish, deliver }: Wishes): System {
  const { plan, chance, holder, goods, goesWrong, settle } = scene
  const { faults, manner, transport } = plan
  const book = createKey0Book(scene)
  const fetches = new WeakMap<Process, Map<string, typeof fetch>>()

  // Renewed once it is over, and not before.
  const access = (resourceId: string): Thing => ({
    name: resourceId,
    kind: 'saved',
    mayFollow: ({ nonce, deliveredAt }) => deliveredAt !== undefined && book.isOver(nonce),
  })
  const planThing = (id: string) => (id.startsWith('use-') ? access(id) : named(id))
  const routeThing = (path: string) => (path.includes('named') ? named(path) : single(scene, path))
  const thingOf = ({ path, body }: Asked) =>
    path.startsWith('/route/') ? routeThing(path) : planThing(orderIn(body).resourceId)

  const route = ({ path, paid }: Asked): Response => {
    const terms = (error?: string) => ask({ holder, amount: PRICE, path, version: 2, error })
    const refuse = (status: number, code: string, headers: HeadersInit = {}) =>
      Response.json({ type: 'Error', code, message: 'no' }, { status, headers })
    if (!paid) return terms()
    if (paid.settled && manner !== 'remembers') return refuse(402, 'PAYMENT_FAILED')
    if (goesWrong(faults / 4)) return refuse(202, 'TX_UNCONFIRMED')
    if (goesWrong(faults / 4)) return refuse(503, 'SETTLEMENT_FAILED')
    if (!paid.settled && !settle(paid)) return refuse(402, 'PAYMENT_FAILED')
    if (goesWrong(faults / 3)) return refuse(502, 'PROXY_ERROR', receipt(holder))
    const headers = goesWrong(faults / 3) ? {} : receipt(holder)
    const answer = new Response(`${path} for ${paid.nonce}`, { headers })
    goods.set(answer, paid)
    return answer
  }

  const sell = (asked: Asked): Response => {
    const { path, body, paid } = asked
    const order = orderIn(body)
    const price: Price = { holder, amount: PRICE, path, version: 2 }
    const isMcp = path === '/mcp'
    // Over MCP it settles before it looks.
    const sold: Sold =
      isMcp && (!paid || paid.settled)
        ? { kind: 'terms', ...(paid && { error: 'nonce_used' }) }
        : book.sell(order.requestId, paid)
    const over = isMcp ? overMcp : asked.headers.has('x-a2a-extensions') ? overA2a : overHttp
    const answer = over(price, order, sold)
    if (sold.kind === 'grant') goods.set(answer, sold.paid)
    return answer
  }

  const serve = ({ headers }: Asked): Response => {
    const nonce = (headers.get('authorization') ?? '').slice(`Bearer ${TOKEN}`.length)
    deliver(nonce, 'a token that nobody sold')
    if (!book.isOver(nonce)) return new Response(nonce)
    const body = { type: 'Error', code: 'CHALLENGE_EXPIRED', message: 'over' }
    return Response.json(body, { status: 401 })
  }

  const seller = ({ wallet }: Process) => openKey0(wallet, { baseURL: ORIGIN })
  const fetchOf = (process: Process, resourceId: string) => {
    const all = fetches.get(process) ?? new Map<string, typeof fetch>()
    fetches.set(process, all)
    const request = { planId: 'basic', resourceId, transport }
    const own = all.get(resourceId) ?? seller(process).accessFetch(request)
    all.set(resourceId, own)
    return own
  }

  const use = (process: Process, resourceId: string) =>
    wish(process, access(resourceId), async (now) => {
      const answer = await fetchOf(now, resourceId)(`${ORIGIN}/api/${resourceId}`)
      await textOf(answer)
      return answer.ok ? 'used access' : `status ${answer.status}`
    })
  const buy = (process: Process, resourceId: string) =>
    wish(process, named(resourceId), async (now) => {
      const request = { planId: 'basic', resourceId, transport }
      const { accessToken } = await seller(now).requestAccess(request)
      return { text: accessToken, nonce: accessToken.slice(TOKEN.length) }
    })
  const pay = (process: Process, path: string) =>
    wish(process, routeThing(path), async (now) => {
      const init = path.includes('named') ? { idempotencyKey: path } : {}
      return soldBy(await seller(now).payPerRequest(path, init))
    })

  return {
    paymentIn: (body) => paymentIn(body)?.nonce,
    thingOf,
    answer: (asked) => {
      if (asked.path.startsWith('/api/')) return serve(asked)
      return asked.path.startsWith('/route/') ? route(asked) : sell(asked)
    },
    want: (process) => {
      const which = chance.between(1, plan.things)
      if (!chance.happens(plan.others)) return buy(process, `buy-${which}`)
      if (chance.happens(0.5)) return use(process, `use-${which}`)
      return pay(process, `/route/${chance.happens(plan.named) ? 'named' : 'single'}-${which}`)
    },
    canBeHad: ({ thing, nonce }) =>
      thing?.name.startsWith('/route/') ? manner === 'remembers' : book.isGranted(nonce),
  }
}
