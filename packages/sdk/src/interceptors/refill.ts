import type { Interceptor, Send } from '../compose'
import type { Engine } from '../payment/engine'
import type { Runtime } from '../runtime'

/** How often credit is looked at while calls are served, in milliseconds. */
const LOOK_MS = 10_000

/**
 * Sees to it, after an answer and off its path, that credit is bought before it runs out. It stands
 * innermost: what it sends goes through no other layer.
 */
export function refill(load: () => Promise<Engine>, runtime: Runtime, mark: bigint): Interceptor {
  let lookAt = 0
  const look = async (next: Send) => (await load()).refill(next, mark)
  return async (exchange, next) => {
    const response = await next(exchange)
    if (response.ok && exchange.token && runtime.now() >= lookAt) {
      lookAt = runtime.now() + LOOK_MS
      void look(next)
    }
    return response
  }
}
