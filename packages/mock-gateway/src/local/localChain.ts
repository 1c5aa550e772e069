import type { ChainSource } from '../chain/Chain'
import { GatewayConfigError } from '../GatewayConfigError'
import type { Money } from '../money'
import { toUnits } from '../money'
import type { NetworkId } from '../networks'
import { networkOf } from '../networks'
import { createEvmChain } from './evm/createEvmChain'
import type { EvmNode } from './evm/createEvmNode'
import { openEvmNode } from './evm/openEvmNode'
import { createHolds } from './holds'
import type { LocalNode } from './LocalNode'

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
 * Chains on this machine: anvil with Circle's USDC for EVM networks. They start when a gateway or `start` needs them.
 * Opening rejects with GatewayConfigError where what they are made of is not installed, or not made for this machine.
 */
export function localChain(options: LocalChainOptions = {}): LocalChain {
  const { nodes = {}, factories = [] } = options
  const evm = createHolds<NetworkId, EvmNode>((id) => openEvmNode(evmNetwork(id), nodes[id]))

  const chain: LocalChain = {
    open: async (network, ground) => {
      if (network.kind !== 'evm') {
        throw new GatewayConfigError(`there is no local chain of ${network.id}`)
      }
      const { value: node, release } = await evm.hold(network.id)
      if (ground.balances !== 'unlimited') {
        for (const [address, amount] of ground.balances) {
          if (address.startsWith('0x')) await node.setBalance(address, amount)
        }
      }
      return createEvmChain({ node, network, ground, factories, close: release })
    },
    start: async (networks) => {
      const started = await Promise.all(networks.map((id) => evm.hold(id)))
      return Object.fromEntries(networks.map((id, index) => [id, started[index]?.value.url]))
    },
    faucet: async (address, amount) => {
      const units = toUnits(amount, 'faucet')
      const running = evm
        .held()
        .filter(([id]) => id.startsWith('eip155:') === address.startsWith('0x'))
      if (running.length === 0) throw new GatewayConfigError(`no local chain runs for '${address}'`)
      await Promise.all(running.map(([, node]) => node.faucet(address, units)))
    },
    node: (network) => {
      const [, node] = evm.held().find(([id]) => id === network) ?? []
      if (node) return node
      throw new GatewayConfigError(`no local chain of ${network} runs`)
    },
    close: evm.close,
  }
  return chain
}

function evmNetwork(id: NetworkId) {
  const network = networkOf(id)
  if (network.kind === 'evm') return network
  throw new GatewayConfigError(`there is no local chain of ${id}`)
}
