import type { Asset } from './wallet'

/**
 * Circle's USDC mints, by CAIP-2 id. The reference of a Solana network is the first 32 characters of
 * its genesis hash.
 */
export const networks: Readonly<Record<string, Asset>> = {
  'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp': {
    address: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v',
    symbol: 'USDC',
    decimals: 6,
    testnet: false,
    rpc: 'https://api.mainnet-beta.solana.com',
  },
  'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1': {
    address: '4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU',
    symbol: 'USDC',
    decimals: 6,
    testnet: true,
    rpc: 'https://api.devnet.solana.com',
  },
}

/** The table's row for a network; never something inherited from Object.prototype. */
export function assetOf(network: string): Asset | undefined {
  return Object.hasOwn(networks, network) ? networks[network] : undefined
}
