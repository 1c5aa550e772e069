import type { Interceptor } from './compose'
import type { Listener } from './events'

/** What watches a client, such as `otel()` of `@arouter/sdk/otel`. */
export type Telemetry = {
  /** Around each call, whatever requests it takes. */
  readonly call: Interceptor
  /** Around each request: those of calls, and those to sign in and to ask a chain. */
  readonly fetch: (send: typeof fetch) => typeof fetch
  /** Told of each sign-in and payment of a wallet. */
  readonly events: Listener
}
