import { ARouter } from '@arouter/sdk'

/** Filled in by `serve.ts`. */
declare const GATEWAY: { readonly url: string; readonly rpc: Readonly<Record<string, string>> }

/** The gateway without a wallet: what everyone may ask of it. */
export const gateway = new ARouter({ baseURL: GATEWAY.url, apiKey: '' })

/** Its chains: where a payment whose answer got lost is looked up. */
export const rpc = GATEWAY.rpc

/** What its networks are called. */
export const networks: Readonly<Record<string, string>> = {
  'eip155:84532': 'Base Sepolia',
  'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1': 'Solana Devnet',
}

export const host = new URL(GATEWAY.url).host

/** Whether the gateway is on this machine, and so pays out nothing and takes nothing. */
export const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(GATEWAY.url).hostname)
