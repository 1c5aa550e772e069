import { ORIGIN } from '../World'
import { ask, receipt } from './asking'
import type { Scene } from './Scene'
import type { System } from './System'
import { named, single, soldBy, type Wishes } from './Wishes'

const PRICE = 1_000_000n

/** Any x402 seller of single things, of version 1 or 2: `wallet.fetch`, with what is bought named or not. */
export function anySeller(scene: Scene, { wish }: Wishes): System {
  const { plan, chance, holder, goods, goesWrong, settle } = scene
  const { manner, version, faults } = plan
  const thingOf = (path: string) => (path.startsWith('/order/') ? named(path) : single(scene, path))

  return {
    thingOf: ({ path }) => thingOf(path),
    answer: ({ paid, path }) => {
      const terms = (error?: string) => ask({ holder, amount: PRICE, path, version, error })
      if (!paid) return terms()
      if (paid.settled && manner !== 'remembers') return terms('nonce_already_used')
      if (goesWrong(faults / 3)) return new Response(null, { status: 500 })
      if (manner === 'settles last' && goesWrong(faults)) {
        return Response.json({ error: 'failed' }, { status: 500 })
      }
      if (!paid.settled && !settle(paid)) return terms('payment_expired')
      const told = receipt(holder, version)
      if (goesWrong(faults / 3)) return new Response(null, { status: 502, headers: told })
      const headers = goesWrong(faults / 3) ? {} : told
      const answer = new Response(`${path} for ${paid.nonce}`, { headers })
      goods.set(answer, paid)
      return answer
    },
    want: (process) => {
      const isNamed = chance.happens(plan.named)
      const path = `/${isNamed ? 'order' : 'thing'}/${chance.between(1, plan.things)}`
      const init = isNamed ? { idempotencyKey: path } : {}
      return wish(process, thingOf(path), async ({ wallet }) =>
        soldBy(await wallet.fetch(ORIGIN + path, init)),
      )
    },
    canBeHad: () => manner === 'remembers',
  }
}
