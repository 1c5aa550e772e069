import type { ARouterEvent, PaymentIntent } from '@arouter/sdk'
import { useSyncExternalStore } from 'react'

/** What the person is asked, and how far a payment is. */
export type DeskState = {
  /** The payment to decide on. */
  readonly asked: PaymentIntent | undefined
  readonly step: 'idle' | 'asked' | 'in the wallet' | 'on its way'
}

const IDLE: DeskState = { asked: undefined, step: 'idle' }
const listeners = new Set<() => void>()
let state = IDLE
let decide: ((approved: boolean) => void) | undefined

/** Asks before each payment; the SDK signs nothing until this says true. */
export function approve(intent: PaymentIntent): Promise<boolean> {
  return new Promise((resolve) => {
    decide = resolve
    become({ asked: intent, step: 'asked' })
  })
}

/** What the person decided. */
export function answer(decision: 'pay' | 'do not pay'): void {
  decide?.(decision === 'pay')
  decide = undefined
  become({ asked: undefined, step: decision === 'pay' ? 'in the wallet' : 'idle' })
}

/** Follows a payment. */
export function follow({ type }: ARouterEvent): void {
  if (type === 'payment-signed') become({ asked: undefined, step: 'on its way' })
  else if (type.startsWith('payment-')) become(IDLE)
}

/** The call is over, so nothing is asked any more. */
export function clear(): void {
  decide?.(false)
  decide = undefined
  become(IDLE)
}

export function useDesk(): DeskState {
  return useSyncExternalStore(subscribe, () => state)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function become(next: DeskState): void {
  state = next
  for (const listener of listeners) listener()
}
