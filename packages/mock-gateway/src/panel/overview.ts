import { faultKinds, faultNotes } from '../faults/kinds'
import type { Gateway } from '../Gateway'
import { formatDollars } from '../money'
import type { GatewayState } from '../state'
import { chainsOf } from './chainsOf'

/** Rows of each list. */
const SHOWN = 50

/** What the page shows: no key, no token, no signature, and nothing made from one. */
export async function overviewOf(
  gateway: Gateway,
  state: GatewayState,
): Promise<Record<string, unknown>> {
  const { chains, clock, faults, tokens } = gateway
  const { requests, payments, sales, settled, credited, charged, ...counts } = state.counts()
  const { tenants } = state
  const names = new Map(tenants.map(({ id, subject }) => [id, subject]))
  const sessions = tokens.sessions()
  return {
    networks: chains.map(({ network }) => network.id),
    advanced: clock.advanced(),
    totals: {
      requests,
      payments,
      sales,
      settled: formatDollars(settled),
      credited: formatDollars(credited),
      charged: formatDollars(charged),
      accounts: tenants.length,
      sessions: sessions.length,
      signIns: counts.signIns,
      replays: counts.replays,
      faults: counts.faults,
    },
    requests: latest(state.requests).map(({ id, at, method, path, status, credentials }) => {
      return { id, at, method, path, status, carries: Object.keys(credentials) }
    }),
    payments: latest(paymentsOf(state)),
    accounts: latest(tenants).map(({ id, subject, kind, balance }) => {
      return { id, subject, kind, balance: formatDollars(balance) }
    }),
    sessions: latest(sessions).map(({ tenant, since, until }, index) => {
      return { id: `${since} ${index}`, subject: names.get(tenant) ?? tenant, since, until }
    }),
    struck: latest(state.faults).map(({ kind, path, at }, index) => {
      return { id: `${at} ${index}`, kind, path, at }
    }),
    faults: Object.entries(faultKinds).map(([kind, hop]) => {
      return { kind, hop, does: faultNotes[kind as keyof typeof faultNotes] }
    }),
    coming: faults.coming(),
    chains: await chainsOf(gateway, state),
  }
}

/** The latest payments for credit and for single things, with what each bought, and whether it is all it should be. */
function paymentsOf({ payments, sales }: GatewayState) {
  const forCredit = payments.slice(-SHOWN).map((payment) => {
    const { amount, credited } = payment
    return {
      ...payment,
      bought: `$${formatDollars(credited)} credit`,
      isWhole: amount === credited,
    }
  })
  const forThings = sales.slice(-SHOWN).map((sale) => {
    const { dialect, delivered } = sale
    const bought = `${dialect}: ${delivered ?? 'nothing'}`
    return { ...sale, bought, isWhole: delivered !== undefined }
  })
  return [...forCredit, ...forThings]
    .sort((one, other) => one.at - other.at)
    .map(({ id, at, network, payer, amount, bought, isWhole, transaction, path }) => {
      const paid = formatDollars(amount)
      return { id, at, network, payer, amount: paid, bought, isWhole, transaction, path }
    })
}

function latest<T>(items: readonly T[]): readonly T[] {
  return items.slice(-SHOWN).reverse()
}
