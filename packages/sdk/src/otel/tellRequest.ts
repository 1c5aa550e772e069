import {
  type Context,
  context,
  type Histogram,
  SpanKind,
  SpanStatusCode,
  type Tracer,
} from '@opentelemetry/api'
import { isRequest } from '../exchange'
import { typeOf } from './typeOf'
import { urlFacts } from './urlFacts'

/** A call under way: the context of its span, and how many requests it has sent. */
export type OpenCall = { readonly context: Context; requests: number }

/** Calls by the headers that their requests go out with: no context manager is needed to find them. */
export type OpenCalls = WeakMap<object, OpenCall>

/** A `fetch` with an HTTP client span and a duration for each request, up to the headers of its answer. */
export function tellRequest(
  tracer: Tracer,
  durations: Histogram,
  open: OpenCalls,
  send: typeof fetch,
): typeof fetch {
  return async (input, init) => {
    const call = init?.headers ? open.get(Object(init.headers)) : undefined
    const method = init?.method ?? 'GET'
    const { route, server, full } = urlFacts(String(isRequest(input) ? input.url : input))
    const resent = call?.requests ? { 'http.request.resend_count': call.requests } : {}
    if (call) call.requests += 1
    const facts = {
      'http.request.method': method,
      ...server,
      ...(route && { 'url.template': route }),
    }
    const span = tracer.startSpan(
      route ? `${method} ${route}` : method,
      { kind: SpanKind.CLIENT, attributes: { ...facts, ...resent, 'url.full': full } },
      call?.context ?? context.active(),
    )
    const startedAt = performance.now()
    const end = (outcome: Record<string, string | number>) => {
      span.setAttributes(outcome)
      if ('error.type' in outcome) span.setStatus({ code: SpanStatusCode.ERROR })
      durations.record((performance.now() - startedAt) / 1000, { ...facts, ...outcome })
      span.end()
    }
    try {
      const response = await send(input, init)
      const { status } = response
      const failed = status >= 400 ? { 'error.type': String(status) } : {}
      end({ 'http.response.status_code': status, ...failed })
      return response
    } catch (error) {
      end({ 'error.type': typeOf(error) })
      throw error
    }
  }
}
