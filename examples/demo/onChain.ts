import type { NetworkId } from '@arouter/mock-gateway'
import { type LocalChain, localChain } from '@arouter/mock-gateway/local'

const NETWORKS = ['eip155:8453', 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'] as const
const GIFT = '$10'

/** Where the demo's wallets have their USDC from, and what is left of it. */
export type OnChain = {
  readonly options: { readonly chain?: LocalChain }
  fund(address: string): Promise<void>
  /** The balances before and after, with each payment's transaction; nothing on a stub chain. */
  tell(): Promise<string>
  close(): Promise<void>
}

/** A stub, on which every wallet has plenty. */
export const stub: OnChain = {
  options: {},
  fund: async () => undefined,
  tell: async () => '',
  close: async () => undefined,
}

/** Chains on this machine, with real USDC contracts. */
export async function local(): Promise<OnChain> {
  const chain = localChain()
  await chain.start(NETWORKS)
  const wallets: {
    readonly network: NetworkId
    readonly address: string
    readonly before: bigint
  }[] = []
  return {
    options: { chain },
    fund: async (address) => {
      await chain.faucet(address, GIFT)
      const network = NETWORKS[address.startsWith('0x') ? 0 : 1]
      wallets.push({ network, address, before: await chain.node(network).balanceOf(address) })
    },
    tell: async () => {
      const lines = wallets.map(async ({ network, address, before }) => {
        const node = chain.node(network)
        const left = dollars(await node.balanceOf(address))
        const paid = (await node.transfers()).filter(({ from }) => from === address)
        const each = paid.map(({ transaction, amount }) => `  ${dollars(amount)} in ${transaction}`)
        return [`${network} ${address}: ${dollars(before)} before, ${left} after`, ...each].join(
          '\n',
        )
      })
      return (await Promise.all(lines)).join('\n')
    },
    close: chain.close,
  }
}

function dollars(units: bigint): string {
  const digits = units.toString().padStart(7, '0')
  return `$${digits.slice(0, -6)}.${digits.slice(-6)}`
}
