import type { Exchange } from './exchange'

/** Sends an exchange inwards and resolves to its answer. */
export type Send = (exchange: Exchange) => Promise<Response>

/** One layer of the onion: may change what is sent, and may send it again. */
export type Interceptor = (exchange: Exchange, next: Send) => Promise<Response>

/** Wraps `send` in `layers`, the first one outermost. */
export function compose(layers: readonly Interceptor[], send: Send): Send {
  return layers.reduceRight<Send>((next, layer) => (exchange) => layer(exchange, next), send)
}
