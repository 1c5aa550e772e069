import type { AppFetch } from '../origin'

const REDIRECTS = [301, 302, 303, 307, 308]
const MAX_REDIRECTS = 20

/**
 * A `fetch` that reaches the app without a socket. Relative URLs are taken from `base`; any
 * origin is answered by the app, and a redirect to another origin goes to the global fetch.
 */
export function inProcessFetch(app: AppFetch, base: string): typeof globalThis.fetch {
  return async (input, init) => {
    const target = input instanceof Request ? input : new URL(input, base)
    const sentBody = await replayable(target, init)
    let request = new Request(target, init)
    for (let hops = 0; ; hops += 1) {
      const response = await exchange(app, request)
      const location = REDIRECTS.includes(response.status) ? response.headers.get('location') : null
      if (location === null || request.redirect === 'manual') return named(response, request, hops)
      if (request.redirect === 'error' || hops === MAX_REDIRECTS) {
        throw new TypeError('fetch failed', { cause: new Error('unexpected redirect') })
      }
      const next = new URL(location, request.url)
      const followed = follow(request, response.status, next, sentBody)
      if (next.origin !== new URL(request.url).origin) return globalThis.fetch(followed)
      request = followed
    }
  }
}

/** The body as it can be sent a second time; a stream cannot, as the Fetch standard has it. */
async function replayable(
  target: Request | URL,
  init: RequestInit | undefined,
): Promise<BodyInit | null> {
  if (init?.body != null) return init.body instanceof ReadableStream ? null : init.body
  return target instanceof Request && target.body ? target.clone().arrayBuffer() : null
}

/** The request that follows a redirect (Fetch standard, HTTP-redirect fetch). */
function follow(request: Request, status: number, next: URL, body: BodyInit | null): Request {
  const headers = new Headers(request.headers)
  if (next.origin !== new URL(request.url).origin) headers.delete('authorization')
  const { method, signal, redirect } = request
  const becomesGet = status === 303 || (status < 303 && method === 'POST')
  if (!becomesGet && request.body && body === null) {
    throw new TypeError('fetch failed', { cause: new Error('a stream cannot be sent again') })
  }
  return becomesGet
    ? new Request(next, { method: 'GET', headers, signal, redirect })
    : new Request(next, { method, headers, signal, redirect, body })
}

function exchange(app: AppFetch, request: Request): Promise<Response> {
  const { signal } = request
  return new Promise<Response>((resolve, reject) => {
    let fail = reject
    const destroy = () => fail(new TypeError('fetch failed', { cause: connectionReset() }))
    const abort = () => fail(signal.reason)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    app(request, { destroy }).then((response) => {
      if (!response.body) {
        signal.removeEventListener('abort', abort)
        return resolve(response)
      }
      const body = breakable(
        response.body,
        (breakIt) => {
          fail = breakIt
        },
        () => signal.removeEventListener('abort', abort),
      )
      resolve(new Response(body, { status: response.status, headers: response.headers }))
    }, reject)
  })
}

/** The same bytes, in a stream that can be broken from outside. */
function breakable(
  source: ReadableStream<Uint8Array>,
  onStart: (breakIt: (reason: unknown) => void) => void,
  onEnd: () => void,
): ReadableStream<Uint8Array> {
  const reader = source.getReader()
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) =>
        onStart((reason) => {
          controller.error(reason)
          reader.cancel(reason).catch(onEnd)
        }),
      pull: async (controller) => {
        const { done, value } = await reader.read()
        if (!done) return controller.enqueue(value)
        onEnd()
        controller.close()
      },
      cancel: (reason) => {
        onEnd()
        return reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}

function named(response: Response, request: Request, hops: number): Response {
  Object.defineProperty(response, 'url', { value: request.url })
  Object.defineProperty(response, 'redirected', { value: hops > 0 })
  return response
}

function connectionReset(): Error {
  return Object.assign(new Error('other side closed'), { code: 'ECONNRESET' })
}
