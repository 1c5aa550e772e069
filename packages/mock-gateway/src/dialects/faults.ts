import { type Key0Hop, key0FaultKinds, key0FaultNotes } from './key0/faults'

/** Where a fault of one system alone strikes. */
export type DialectHop = Key0Hop

/** What systems get wrong by themselves: a line for each that does. */
export const dialectFaultKinds = { ...key0FaultKinds } as const satisfies Record<string, DialectHop>

/** What each of them does. */
export const dialectFaultNotes: Readonly<Record<keyof typeof dialectFaultKinds, string>> = {
  ...key0FaultNotes,
}
