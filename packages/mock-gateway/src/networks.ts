import { GatewayConfigError } from './GatewayConfigError'

/** CAIP-2 ids of the networks the gateway can take payments on. */
export type NetworkId =
  | 'eip155:8453'
  | 'eip155:84532'
  | 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'
  | 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1'

interface NetworkFacts {
  readonly id: NetworkId
  /** Name in x402 version 1. */
  readonly v1Name: string
  /** What a sign-in message calls the chain: the CAIP-2 reference. */
  readonly reference: string
}

export interface EvmNetwork extends NetworkFacts {
  readonly kind: 'evm'
  readonly chainId: number
  readonly asset: `0x${string}`
  /** EIP-712 domain of the asset. */
  readonly name: string
  readonly version: string
}

export interface SolanaNetwork extends NetworkFacts {
  readonly kind: 'solana'
  readonly asset: string
}

export type Network = EvmNetwork | SolanaNetwork

const networks: readonly Network[] = [
  {
    kind: 'evm',
    id: 'eip155:8453',
    v1Name: 'base',
    reference: '8453',
    chainId: 8453,
    asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
    name: 'USD Coin',
    version: '2',
  },
  {
    kind: 'evm',
    id: 'eip155:84532',
    v1Name: 'base-sepolia',
    reference: '84532',
    chainId: 84532,
    asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
    name: 'USDC',
    version: '2',
  },
  {
    kind: 'solana',
    id: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
    v1Name: 'solana',
    reference: '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
    asset: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v',
  },
  {
    kind: 'solana',
    id: 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
    v1Name: 'solana-devnet',
    reference: 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
    asset: '4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU',
  },
]

/** Both mainnets: what a gateway accepts when it is told nothing. */
export const defaultNetworks: readonly NetworkId[] = [
  'eip155:8453',
  'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
]

/** The facts of a CAIP-2 id. Throws GatewayConfigError for an id that is not one of the four. */
export function networkOf(id: string): Network {
  const network = networks.find((candidate) => candidate.id === id)
  if (network) return network
  const known = networks.map((candidate) => candidate.id).join(', ')
  throw new GatewayConfigError(`unknown network '${id}', expected one of ${known}`)
}
