export { type OtelOptions, otel } from './otel/otel'
export type { Telemetry } from './telemetry'
