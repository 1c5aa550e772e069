import type { EvmNetwork } from '../../networks'

/** Where people look at a transaction. Nobody here does. */
export function explorerUrl({ id }: EvmNetwork, transaction: string): string {
  const host = id === 'eip155:8453' ? 'basescan.org' : 'sepolia.basescan.org'
  return `https://${host}/tx/${transaction}`
}
