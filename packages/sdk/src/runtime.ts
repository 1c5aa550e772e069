/** What the SDK takes from the outside world, so that a test can put another in its place. */
export type Runtime = {
  readonly fetch: typeof fetch
  /** Milliseconds since the epoch by the local clock. */
  readonly now: () => number
  /** Calls `run` after `ms`; the function returned cancels that. */
  readonly after: (ms: number, run: () => void) => () => void
  /** Uniform in [0, 1): jitter only, never a nonce. */
  readonly random: () => number
}

/** The real clock and timers around `send`, a `fetch`. */
export function systemRuntime(send: typeof fetch): Runtime {
  return {
    fetch: send,
    now: Date.now,
    after: (ms, run) => {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
    random: Math.random,
  }
}

/** Resolves after `ms`, or at once when `signal` aborts: the caller looks at the signal. */
export function sleep(runtime: Runtime, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const cancel = runtime.after(ms, done)
    signal?.addEventListener('abort', done)
    function done() {
      cancel()
      signal?.removeEventListener('abort', done)
      resolve()
    }
  })
}
