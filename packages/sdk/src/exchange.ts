import type { Send } from './compose'
import { ARouterError, ConnectionError, TimeoutError } from './errors'
import { plainCause } from './plainCause'
import type { Runtime } from './runtime'

/** A token the session layer vouches for. */
export type Token = {
  readonly jwt: string
  /** Unix seconds by the gateway's clock, where the token says so. */
  readonly expiresAt?: number | undefined
}

/** Facts about a payment, fit for an error: JSON-safe, without the signed header. */
export type PaymentContext = {
  /** Its id in the journal. */
  readonly attempt: string
  readonly state: string
  readonly network: string
  /** Atomic units, in decimal. */
  readonly amount: string
  readonly payTo: string
  readonly from: string
  /** Unix seconds. */
  readonly expiresAt: number | undefined
  readonly transaction: string | undefined
  readonly reason: string | undefined
}

/** A request that can be sent again: its body is held and its origin is pinned. One per call. */
export type Exchange = {
  /** Fixed once the outermost layer has taken from it what must not be sent. */
  url: string
  readonly method: string
  /** The caller's headers. Layers set their own on them before each send. */
  readonly headers: Headers
  readonly body: NonNullable<RequestInit['body']> | undefined
  readonly init: RequestInit | undefined
  readonly signal: AbortSignal | undefined
  /** Milliseconds to the first byte of each answer. */
  readonly timeout: number
  /** What it pays for where that is not credit. */
  readonly need?: RequestNeed | undefined
  /** Wraps the `fetch` that it goes out by. */
  readonly via?: ((send: typeof fetch) => typeof fetch) | undefined
  /** The token the last send carried. Owned by the session layer. */
  token?: Token | undefined
  /** When the last 402 came, in milliseconds by the local clock. Owned by the payment layer. */
  refusedAt: number
  /** Which of the client's requests the last send was. Owned by the payment layer. */
  turn: number
  /** When that was, in Unix seconds by the gateway's clock. Owned by the payment layer. */
  sentAt: number
  /** True while a signed payment is on the request. Owned by the payment layer. */
  paying?: boolean
  /** The payment this call had signed: it never has a second one. Owned by the payment layer. */
  signed?: string
  /** Facts about the payment this call had signed, or took up. Owned by the payment layer. */
  payment?: PaymentContext | undefined
  /** What a seller last answered of its own to a payment. Owned by the payment layer. */
  said?: Said | undefined
  /** True once another process took over what this call was at. Owned by the payment layer. */
  superseded?: boolean
  /** The turns in which tokens were answered with 402, by wallet. Owned by the payment layer. */
  asked?: Map<string, number>
}

/** An answer of a seller of single things to a payment: which one, what in words, and whole. */
export type Said = {
  readonly attempt: string
  readonly words: string
  readonly answer: () => Response
}

/** One request that is paid for by itself, at a seller of single things. */
export type RequestNeed = {
  /** Its name in the store. */
  readonly id: string
  /** SHA-256 of method, URL and body, in hex. */
  readonly request: string
  /** Method and URL, without query. */
  readonly resource: string
  /** Kept where the caller named the need: it is met once, and its answer given again. */
  readonly answer: 'kept' | 'handed over'
}

/** What the payment layer knows of an exchange before its first send. */
export const NOT_YET_SENT = { refusedAt: 0, turn: 0, sentAt: 0 }

/** Where a client may send: the base URL without trailing slash, and its origin. */
export type Base = { readonly url: string; readonly origin: string; readonly loopback: boolean }

/**
 * Reads a base URL. A path is kept as prefix.
 * @throws ARouterError `invalid_url`, or `insecure_url` for http:// off loopback.
 */
export function parseBase(baseURL: string): Base {
  const url = URL.canParse(baseURL) ? new URL(baseURL) : undefined
  if (
    !url ||
    !/^https?:$/.test(url.protocol) ||
    url.username ||
    url.password ||
    url.search ||
    url.hash
  ) {
    throw new ARouterError(
      0,
      'invalid_url',
      'baseURL must be an http(s) URL without user, query or fragment. Nothing was sent.',
    )
  }
  const loopback = isLoopback(url.hostname)
  if (url.protocol === 'http:' && !loopback) {
    throw new ARouterError(
      0,
      'insecure_url',
      `baseURL ${url.origin} is plain http: credentials and payments only go over https, or to this machine. Nothing was sent.`,
    )
  }
  return { url: url.origin + url.pathname.replace(/\/+$/, ''), origin: url.origin, loopback }
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  )
}

/**
 * Makes the exchange for one call of `fetch(input, init)`.
 * @throws ARouterError `invalid_url`, `cross_origin`; nothing is sent.
 */
export async function createExchange(
  base: Base,
  input: string | URL | Request,
  init: RequestInit | undefined,
  timeout: number,
): Promise<Exchange> {
  const request = isRequest(input) ? new Request(input, init) : undefined
  const given = request ?? init
  const body = given?.body
  const signal = given?.signal ?? undefined
  return {
    url: resolve(base, request?.url ?? String(input)),
    method: given?.method?.toUpperCase() ?? 'GET',
    headers: new Headers(given?.headers),
    body:
      body instanceof ReadableStream ? await abortable(hold(body), signal) : (body ?? undefined),
    init: request ? undefined : init,
    signal,
    timeout,
    ...NOT_YET_SENT,
  }
}

/** By its form: a library may have put a class of its own in the place of the global one since. */
export function isRequest(input: string | URL | Request): input is Request {
  return typeof input === 'object' && 'url' in input
}

function resolve(base: Base, input: string): string {
  // A path cannot leave the origin it is appended to, so it needs no parsing.
  if (input.startsWith('/') && !input.startsWith('//')) return base.url + input
  // Nor can what follows an origin and its first slash.
  const start = `${base.origin}/`
  if (input.startsWith(start)) return input
  if (!URL.canParse(input)) {
    throw new ARouterError(
      0,
      'invalid_url',
      'The URL is neither a path nor absolute. Nothing was sent.',
    )
  }
  const url = new URL(input)
  // With a user in it, or within a `blob:`, it starts otherwise though its origin is the same.
  if (!url.href.startsWith(start)) {
    throw new ARouterError(
      0,
      'cross_origin',
      `This client only talks to ${base.origin}, not to ${url.origin}. Nothing was sent.`,
      { context: { origin: url.origin, expected: base.origin } },
    )
  }
  return url.href
}

// A stream can be read once, and a paid request may have to be sent again byte for byte.
async function hold(stream: ReadableStream): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

/** The innermost step: one HTTP request, never redirected, with a bound on the time to first byte. */
export function transport(runtime: Runtime): Send {
  return (exchange) =>
    new Promise((resolve, reject) => {
      const { signal } = exchange
      if (signal?.aborted) return reject(aborted(signal))
      const controller = new AbortController()
      let open = true
      const settle = (act: () => void) => {
        if (!open) return
        open = false
        cancelTimer()
        signal?.removeEventListener('abort', onAbort)
        act()
      }
      // Rejects by itself as well: a fetch that ignores its signal must not hold the caller.
      const stop = (error: ARouterError) =>
        settle(() => {
          controller.abort(error)
          reject(error)
        })
      const onAbort = () => signal && stop(aborted(signal))
      const cancelTimer = runtime.after(exchange.timeout, () =>
        stop(
          new TimeoutError(
            `Request timed out after ${exchange.timeout}ms. Funds moved: no. It can be tried again.`,
            { context: { timeout: exchange.timeout } },
          ),
        ),
      )
      signal?.addEventListener('abort', onAbort)
      // Async, so that a fetch that throws at once is a failed connection like any other.
      const call = async () =>
        runtime.fetch(exchange.url, {
          ...exchange.init,
          method: exchange.method,
          headers: exchange.headers,
          body: exchange.body ?? null,
          redirect: 'manual',
          signal: signal ? AbortSignal.any([signal, controller.signal]) : controller.signal,
        })
      call().then(
        (response) => {
          if (!open) return discard(response)
          settle(() => {
            if (!isRedirect(response, exchange)) return resolve(response)
            discard(response)
            reject(redirectRefused(response))
          })
        },
        (cause) =>
          settle(() => reject(signal?.aborted ? aborted(signal) : connectionFailed(cause))),
      )
    })
}

// A fetch of the user's own may follow redirects whatever it is told.
function isRedirect(response: Response, exchange: Exchange): boolean {
  const { status, url } = response
  if (response.redirected || response.type === 'opaqueredirect') return true
  if (status > 300 && status < 309 && status !== 304) return true
  return url !== '' && url !== exchange.url && new URL(url).origin !== new URL(exchange.url).origin
}

function redirectRefused(response: Response): ARouterError {
  return new ARouterError(
    response.status,
    'redirect_refused',
    'The gateway answered with a redirect, which is not followed. Funds moved: no. Check baseURL.',
  )
}

function connectionFailed(cause: unknown): ConnectionError {
  return new ConnectionError(
    'The connection to the gateway failed. Funds moved: no. It can be tried again.',
    { cause: plainCause(cause) },
  )
}

/** The error for an aborted call. Its name is `AbortError`, as with fetch. */
export function aborted(signal: AbortSignal): ARouterError {
  const error = new ARouterError(0, 'aborted', 'The call was aborted. Funds moved: no.', {
    cause: signal.reason,
  })
  error.name = 'AbortError'
  return error
}

/** Puts `token` on the exchange: the one place where `Authorization` is written. */
export function carry(exchange: Exchange, token: Token | undefined): void {
  exchange.token = token
  if (token) exchange.headers.set('authorization', `Bearer ${token.jwt}`)
  else exchange.headers.delete('authorization')
}

/** Throws if the caller has gone: nothing may be signed for it any more. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal)
}

/** `promise`, unless `signal` aborts first: then what it was waiting for goes on unwatched. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(aborted(signal))
    if (signal.aborted) {
      promise.catch(() => undefined)
      return onAbort()
    }
    signal.addEventListener('abort', onAbort)
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/** Gives a body up, so that its socket is freed. */
export function discard(response: Response): void {
  response.body?.cancel().catch(() => undefined)
}
