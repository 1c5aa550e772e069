import type { MockGateway } from '@arouter/mock-gateway'
import type { GatewayBook } from './Books'

/** What a gateway says of its money. */
export function readGateway({ state, urls, payTo }: MockGateway): GatewayBook {
  const payments = state.payments.map(({ tenant, credited, ...payment }) => {
    return { ...payment, credit: { tenant, amount: credited } }
  })
  const { settled, credited } = state.counts()
  return {
    origins: Object.values(urls),
    payTo,
    takings: [...payments, ...state.sales],
    totals: { settled, credited },
    ledger: state.ledger,
    tenants: state.tenants,
    faults: state.faults.map(({ kind }) => kind),
  }
}
