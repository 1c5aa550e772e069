/** What the servers of the throughput bench and their load agree on. */
export const BASE = 'eip155:8453'
export const USDC = '0x833589fcd6edb6e08f4c7c32d4f71b54bda02913'
export const PAY_TO = '0x209693Bc6afc0C5328bA36FaF03C514EF312287C'
export const ORIGIN = 'http://127.0.0.1'
export const PATH = '/v1/chat/completions'

/** What the process of the servers says: the ports, and a token for the one that takes tokens. */
export type Listening =
  | { readonly kind: 'gateway'; readonly port: number }
  | {
      readonly kind: 'all'
      readonly paying: number
      readonly proving: number
      readonly tokens: number
      readonly token: string
    }
