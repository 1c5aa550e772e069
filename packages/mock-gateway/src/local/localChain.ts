import type { ChainSource } from '../chain/Chain'
import { GatewayConfigError } from '../GatewayConfigError'
import type { Money } from '../money'
import { toUnits } from '../money'
import type { EvmNetwork, Network, NetworkId, SolanaNetwork } from '../networks'
import { networkOf } from '../networks'
import { createEvmChain } from './evm/createEvmChain'
import type { EvmNode } from './evm/EvmNode'
import { openEvmNode } from './evm/openEvmNode'
import { createHolds } from './holds'
import type { LocalNode } from './LocalNode'
import { createSolanaChain } from './solana/createSolanaChain'
import { openSolanaNode } from './solana/openSolanaNode'
import type { SolanaNode } from './solana/SolanaNode'

/** Chains on this machine, with real contracts and programs: for gateways that settle on them, and for tests. */
export interface LocalChain extends ChainSource {
  /** Starts the chains of these networks, and holds them until `close`; their JSON-RPC addresses. */
  start(networks: readonly NetworkId[]): Promise<Readonly<Partial<Record<NetworkId, string>>>>
  /**
   * Adds USDC to an address on each network of its kind that runs. Rejects with GatewayConfigError where none does,
   * and for an amount that is none.
   */
  faucet(address: string, amount: Money): Promise<void>
  /** The chain of a network. Throws GatewayConfigError where it does not run. */
  node(network: NetworkId): LocalNode
  /** Ends every process it started. A gateway that is closed ends those that nothing else holds. */
  close(): Promise<void>
}

/** What can be chosen about local chains. */
export interface LocalChainOptions {
  /**
   * JSON-RPC addresses of chains that `start` of another process returned: they outlive the gateway, and are never
   * ended by it. Default: each is started when a gateway needs it.
   */
  readonly nodes?: Partial<Record<NetworkId, string>>
  /** Factories of contract wallets (ERC-6492) that the facilitator deploys payers by. Default: none. */
  readonly factories?: readonly `0x${string}`[]
}

/**
 * Chains on this machine: anvil with Circle's USDC for EVM networks, LiteSVM with USDC's mints for Solana. They start when a gateway or `start` needs them.
 * Opening rejects with GatewayConfigError where what they are made of is not installed, or not made for this machine.
 */
export function localChain(options: LocalChainOptions = {}): LocalChain {
  const { nodes = {}, factories = [] } = options
  const evm = createHolds<EvmNetwork, EvmNode>((network) => openEvmNode(network, nodes[network.id]))
  const solana = createHolds<SolanaNetwork, SolanaNode>((network) =>
    openSolanaNode(network, nodes[network.id]),
  )
  const hold = (network: Network) =>
    network.kind === 'evm' ? evm.hold(network) : solana.hold(network)
  const running = () => [...evm.held(), ...solana.held()]

  const chain: LocalChain = {
    open: async (network, ground) => {
      const { balances, books } = ground
      const outlives = nodes[network.id] ?? running().find(([{ id }]) => id === network.id)
      if (books === 'kept' && !outlives) {
        throw new GatewayConfigError(
          'stateFile needs a chain that outlives the gateway: localChain().start, or localChain({ nodes })',
        )
      }
      const fund = async (node: EvmNode | SolanaNode) => {
        if (balances === 'unlimited') return
        for (const [address, amount] of balances) {
          if (kindOf(address) === network.kind) await node.setBalance(address, amount)
        }
      }
      if (network.kind === 'evm') {
        const { value: node, release: close } = await evm.hold(network)
        await fund(node)
        return createEvmChain({ node, network, ground, factories, close })
      }
      const { value: node, release: close } = await solana.hold(network)
      await fund(node)
      return createSolanaChain({ node, network, ground, close })
    },
    start: async (networks) => {
      const started = await Promise.all(networks.map((id) => hold(networkOf(id))))
      return Object.fromEntries(networks.map((id, index) => [id, started[index]?.value.url]))
    },
    faucet: async (address, amount) => {
      const units = toUnits(amount, 'faucet')
      const ofItsKind = running().filter(([{ kind }]) => kind === kindOf(address))
      if (ofItsKind.length === 0)
        throw new GatewayConfigError(`no local chain runs for '${address}'`)
      await Promise.all(ofItsKind.map(([, node]) => node.faucet(address, units)))
    },
    node: (id) => {
      const [, node] = running().find(([network]) => network.id === id) ?? []
      if (node) return node
      throw new GatewayConfigError(`no local chain of ${id} runs`)
    },
    close: async () => {
      await Promise.all([evm.close(), solana.close()])
    },
  }
  return chain
}

function kindOf(address: string): Network['kind'] {
  return address.startsWith('0x') ? 'evm' : 'solana'
}
