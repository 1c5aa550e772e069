import type { Network } from '../networks'
import type { Chain } from './Chain'

/** Opens a chain for each network. Where one cannot be opened, none stays open. */
export async function openChains(
  networks: readonly Network[],
  open: (network: Network) => Promise<Chain>,
): Promise<readonly Chain[]> {
  const opened = await Promise.allSettled(networks.map(open))
  const chains = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failed = opened.find((one) => one.status === 'rejected')
  if (!failed) return chains
  await closeChains(chains)
  throw failed.reason
}

/** Closes all of them. */
export async function closeChains(chains: readonly Chain[]): Promise<void> {
  await Promise.all(chains.map((chain) => chain.close()))
}
