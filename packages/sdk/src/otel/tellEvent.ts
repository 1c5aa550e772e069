import { trace } from '@opentelemetry/api'
import type { ARouterEvent } from '../events'
import type { Instruments } from './instruments'

/** What a payment came to, by the event that says so. */
const OUTCOMES: Readonly<Partial<Record<ARouterEvent['type'], string>>> = {
  'payment-settled': 'settled',
  'payment-refused': 'refused',
  'payment-unknown': 'unknown',
}

/** Counts an event of a wallet, and notes it on the span it happened in. */
export function tellEvent({ payments, paid, signIns }: Instruments, event: ARouterEvent): void {
  const { type } = event
  if (type === 'signed-in') signIns.add(1)
  const network = 'network' in event ? { 'arouter.payment.network': event.network } : {}
  const outcome = OUTCOMES[type]
  if (outcome) payments.add(1, { ...network, 'arouter.payment.outcome': outcome })
  if (type === 'payment-settled') paid.add(Number(event.amount) / 1e6, network)
  const amount = 'amount' in event ? { 'arouter.payment.amount': Number(event.amount) / 1e6 } : {}
  trace.getActiveSpan()?.addEvent(`arouter.${type}`, { ...network, ...amount })
}
