/** One wallet as the world knows it: what it pays with, whom, and where its books are kept. */
export type Holder = {
  readonly namespace: 'eip155' | 'solana'
  /** CAIP-2. */
  readonly network: string
  readonly asset: string
  readonly payTo: string
  readonly address: string
  readonly keys: StoreKeys
}

/** Where in the store the books of a wallet at one origin are. */
export type StoreKeys = {
  readonly need: string
  readonly archive: string
  readonly budget: string
  readonly budgetHere: string
  readonly session: string
}

const NETWORKS = {
  eip155: { network: 'eip155:8453', asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913' },
  solana: {
    network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
    asset: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v',
  },
} as const

export function createHolder(
  namespace: Holder['namespace'],
  origin: string,
  address: string,
  payTo: string,
): Holder {
  return {
    ...NETWORKS[namespace],
    namespace,
    address,
    payTo,
    keys: {
      need: `need/${origin}/${address}`,
      archive: `attempt/${origin}/${address}/`,
      budget: `budget/${address}`,
      budgetHere: `budget/${origin}/${address}`,
      session: `session/${origin}/${address}`,
    },
  }
}
