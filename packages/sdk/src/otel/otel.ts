import {
  context,
  type MeterProvider,
  metrics,
  SpanKind,
  SpanStatusCode,
  type TracerProvider,
  trace,
} from '@opentelemetry/api'
import type { Exchange } from '../exchange'
import type { Telemetry } from '../telemetry'
import { callOf } from './callOf'
import { createInstruments } from './instruments'
import { tellEvent } from './tellEvent'
import { type OpenCall, type OpenCalls, tellRequest } from './tellRequest'
import { typeOf } from './typeOf'
import { watchAnswer } from './watchAnswer'

/** Where spans and metrics go. Default: the providers registered with `@opentelemetry/api`. */
export type OtelOptions = {
  readonly tracerProvider?: TracerProvider
  readonly meterProvider?: MeterProvider
}

const SCOPE = '@arouter/sdk'

/**
 * Spans and metrics of a client, by OpenTelemetry's semantic conventions: a GenAI span for each
 * inference and embedding, an HTTP span for each request, their metrics, and those of payments. A span
 * of the former ends with the body of its answer. No key, token, signature, prompt or answer is in any
 * attribute.
 *
 * @example new ARouter({ telemetry: otel() })
 */
export function otel({ tracerProvider, meterProvider }: OtelOptions = {}): Telemetry {
  const tracer = (tracerProvider ?? trace).getTracer(SCOPE)
  const instruments = createInstruments((meterProvider ?? metrics).getMeter(SCOPE))
  const open: OpenCalls = new WeakMap()

  return {
    call: async (exchange, next) => {
      const call = callOf(exchange)
      if (!call) return next(exchange)
      const startedAt = performance.now()
      const span = tracer.startSpan(call.name, {
        kind: SpanKind.CLIENT,
        attributes: call.attributes,
      })
      const active = trace.setSpan(context.active(), span)
      const state: OpenCall = { context: active, requests: 0 }
      open.set(exchange.headers, state)
      const end = (errorType?: string) => {
        const failed = errorType === undefined ? {} : { 'error.type': errorType }
        span.setAttributes(failed)
        if (errorType !== undefined) span.setStatus({ code: SpanStatusCode.ERROR })
        instruments.duration.record(seconds(startedAt), { ...call.dimensions, ...failed })
        span.end()
      }
      try {
        const response = await context.with(active, () => next(exchange))
        span.setAttributes(paymentOf(exchange))
        if (!response.ok) {
          end(String(response.status))
          return response
        }
        return watchAnswer(response, exchange, (outcome) => {
          span.setAttributes(outcome.attributes)
          instruments.tellUsage(outcome, call.dimensions)
          end(outcome.errorType)
        })
      } catch (error) {
        span.setAttributes(paymentOf(exchange))
        end(typeOf(error))
        throw error
      }
    },
    fetch: (send) => tellRequest(tracer, instruments.requests, open, send),
    events: (event) => tellEvent(instruments, event),
  }
}

const seconds = (since: number) => (performance.now() - since) / 1000

function paymentOf({ payment }: Exchange) {
  if (!payment) return {}
  return {
    'arouter.payment.id': payment.attempt,
    'arouter.payment.network': payment.network,
    'arouter.payment.amount': Number(payment.amount) / 1e6,
    'arouter.payment.state': payment.state,
    ...(payment.transaction && { 'arouter.payment.transaction': payment.transaction }),
  }
}
