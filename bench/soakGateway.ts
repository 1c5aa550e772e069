import { createMockGateway } from '@arouter/mock-gateway'
import { collectGarbage, countUnhandled } from './heap'
import { PRICE } from './soakTerms'

/*
 * The gateway of the soak, in a process of its own. Its tokens live a minute, so that sign-ins are part of it.
 */

const unhandled = countUnhandled()
const gateway = await createMockGateway({
  networks: ['eip155:8453'],
  topUps: ['$5'],
  price: PRICE,
  jwtTtl: 60,
})

/** What the gateway's process says of itself. */
export type GatewayReport = {
  readonly heap: number
  readonly unhandled: number
  readonly payments: number
  readonly signIns: number
  /** Dollars. */
  readonly charged: number
  readonly holds: boolean
}

process.on('message', async () => {
  const { payments, signIns, charged } = gateway.state.counts()
  const report: GatewayReport = {
    heap: await collectGarbage(),
    unhandled: unhandled(),
    payments,
    signIns,
    charged: Number(charged) / 1e6,
    holds: gateway.state.conservation().every(({ holds }) => holds),
  }
  process.send?.(report)
})
process.send?.(gateway.url)
