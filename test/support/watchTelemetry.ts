import { AsyncLocalStorage } from 'node:async_hooks'
import { otel } from '@arouter/sdk/otel'
import { type Context, context, ROOT_CONTEXT } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { onTestFinished } from 'vitest'

/** Telemetry of a client, kept in memory. */
export function watchTelemetry() {
  const spans = new InMemorySpanExporter()
  const tracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(spans)],
  })
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const meterProvider = new MeterProvider({ readers: [reader] })
  onTestFinished(async () => {
    await meterProvider.shutdown()
    await tracerProvider.shutdown()
  })
  return {
    telemetry: otel({ tracerProvider, meterProvider }),
    tracer: tracerProvider.getTracer('test'),
    spans: () => spans.getFinishedSpans(),
    /** The last value of each series, by the name of its metric. */
    metrics: async () => {
      await reader.forceFlush()
      const scopes = exporter.getMetrics().at(-1)?.scopeMetrics ?? []
      return scopes
        .flatMap(({ metrics }) => metrics)
        .flatMap(({ descriptor, dataPoints }) =>
          dataPoints.map(({ attributes, value }) => ({ ...descriptor, attributes, value })),
        )
    },
  }
}

/** Lets spans find their parents across awaits, as the SDKs for Node do, until the test ends. */
export function keepContext(): void {
  const storage = new AsyncLocalStorage<Context>()
  const manager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: <A extends unknown[], R>(
      active: Context,
      run: (...args: A) => R,
      self?: ThisParameterType<(...args: A) => R>,
      ...args: A
    ) => storage.run(active, () => run.call(self, ...args)),
    bind: <T>(_: Context, target: T) => target,
    enable: () => manager,
    disable: () => manager,
  }
  context.setGlobalContextManager(manager)
  onTestFinished(() => context.disable())
}
