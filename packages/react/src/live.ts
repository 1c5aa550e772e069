import { useSyncExternalStore } from 'react'

/** A value that components watch. */
export type Live<T> = {
  readonly get: () => T
  readonly set: (next: T) => void
  readonly subscribe: (listener: () => void) => () => void
  /** What a server renders, and a page while it takes over from it. */
  readonly initial: () => T
}

/** A live value; `start` runs while anyone watches, and what it returns ends that. */
export function live<T>(initial: T, start: () => () => void = () => () => {}): Live<T> {
  const listeners = new Set<() => void>()
  let value = initial
  let stop = () => {}
  return {
    get: () => value,
    set: (next) => {
      value = next
      for (const listener of [...listeners]) listener()
    },
    subscribe: (listener) => {
      listeners.add(listener)
      if (listeners.size === 1) stop = start()
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) stop()
      }
    },
    initial: () => initial,
  }
}

/** The value now; renders again when it changes. */
export function useLive<T>({ subscribe, get, initial }: Live<T>): T {
  return useSyncExternalStore(subscribe, get, initial)
}
