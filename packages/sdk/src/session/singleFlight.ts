import { aborted } from '../exchange'

/** Runs `work` once for all who ask while it runs. Resolves for each asker, or throws its own abort. */
export type SingleFlight<T> = (
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
) => Promise<T>

/**
 * A single flight whose work is aborted only when everyone who waited for it has gone. `work` must
 * not reject: an outcome that several callers share is a value, and each makes its own error of it.
 */
export function singleFlight<T>(): SingleFlight<T> {
  let flight: { outcome: Promise<T>; waiting: number; controller: AbortController } | undefined

  return (signal, work) => {
    if (signal?.aborted) return Promise.reject(aborted(signal))
    if (!flight) {
      const controller = new AbortController()
      const mine = { outcome: work(controller.signal), waiting: 0, controller }
      flight = mine
      mine.outcome.then(() => {
        if (flight === mine) flight = undefined
      })
    }
    const joined = flight
    joined.waiting++
    if (!signal) return joined.outcome
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        joined.waiting--
        if (joined.waiting === 0) {
          flight = undefined
          joined.controller.abort()
        }
        reject(aborted(signal))
      }
      signal.addEventListener('abort', onAbort)
      joined.outcome.then((outcome) => {
        signal.removeEventListener('abort', onAbort)
        resolve(outcome)
      })
    })
  }
}
