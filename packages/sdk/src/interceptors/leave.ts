import type { Interceptor } from '../compose'
import { aborted, discard } from '../exchange'
import type { Runtime } from '../runtime'

/** How long a call may take to undo what it has begun, in milliseconds. */
const GRACE_MS = 20

/**
 * Lets a caller go at its abort, also where what the call waits for does not heed one: a store. The
 * call goes on unwatched until it sees the abort, which it does before anything is signed or sent.
 */
export function leave(runtime: Runtime): Interceptor {
  return (exchange, next) => {
    const { signal } = exchange
    const call = next(exchange)
    if (!signal) return call
    return new Promise((resolve, reject) => {
      let cancel = () => {}
      let isGone = false
      const go = () => {
        isGone = true
        reject(aborted(signal))
      }
      const onAbort = () => {
        cancel = runtime.after(GRACE_MS, go)
      }
      const settle = (act: () => void) => {
        signal.removeEventListener('abort', onAbort)
        cancel()
        act()
      }
      if (signal.aborted) onAbort()
      else signal.addEventListener('abort', onAbort)
      call.then(
        (response) => settle(() => (isGone ? discard(response) : resolve(response))),
        (error) => settle(() => reject(error)),
      )
    })
  }
}
