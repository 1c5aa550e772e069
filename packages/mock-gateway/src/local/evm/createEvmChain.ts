import { ExactEvmScheme } from '@x402/evm/exact/facilitator'
import type { Hex, PublicClient } from 'viem'
import { createPublicClient, custom, encodeFunctionData, isHex, numberToHex } from 'viem'
import { addressKey } from '../../addressKey'
import type { Chain, ChainGround } from '../../chain/Chain'
import { RpcError } from '../../chain/RpcError'
import { shownToHost } from '../../chain/shownToHost'
import { transferAbi } from '../../chain/transferAbi'
import { GatewayConfigError } from '../../GatewayConfigError'
import type { EvmNetwork } from '../../networks'
import { createProvide } from '../createProvide'
import { createLandings } from '../landings'
import type { EvmNode } from './EvmNode'
import { facilitatorSigner } from './facilitatorSigner'
import { onGatewayClock } from './onGatewayClock'

const BALANCE_OF = /^0x70a08231(?:0{24})([0-9a-fA-F]{40})$/
/** Methods that read, or broadcast what somebody signed. The rest of a development node's are not a chain's. */
const OPEN = /^(?:eth|net|web3)_(?!sendTransaction|sendUnsigned|sign|accounts)/

/** A local EVM chain as a gateway uses it; `close` gives it up. */
export function createEvmChain(parts: {
  readonly node: EvmNode
  readonly network: EvmNetwork
  readonly ground: ChainGround
  readonly factories: readonly Hex[]
  readonly close: () => Promise<void>
}): Chain {
  const { node, network, ground, factories, close } = parts
  const { clock } = ground
  const client: PublicClient = createPublicClient({
    transport: custom(
      { request: ({ method, params }) => node.request(method, params) },
      { retryCount: 0 },
    ),
  })
  const landings = createLandings(async (hash) => (await node.receiptOf(hash))?.status === '0x1')
  const signer = onGatewayClock(facilitatorSigner(node, client, landings.await))
  const show = shownToHost(signer, network, clock)
  const provided = new Map<string, Promise<void>>()
  const provide = createProvide(node, ground, provided)
  const offset = () => clock.now() - Date.now()
  const noStubs = () => {
    throw new GatewayConfigError(
      'a local chain has real contracts only: deploy one by its JSON-RPC, and name a factory in localChain({ factories })',
    )
  }
  return {
    network,
    node,
    // The facilitator deploys nothing for a payer but by a factory it was told to trust.
    scheme: new ExactEvmScheme(signer, {
      eip6492AllowedFactories: [...factories],
      simulateInSettle: true,
    }),
    present: async (payment, verdict) => {
      await node.follow(offset())
      await provide(payment.payer)
      return show(payment, verdict)
    },
    offerExtra: () => ({ name: network.name, version: network.version }),
    rpc: async (method, params) => {
      if (!OPEN.test(method)) throw new RpcError(-32601, `the method ${method} does not exist`)
      await node.follow(offset())
      const owner = method === 'eth_call' && ownerIn(network.asset, params[0])
      if (owner) await provide(owner)
      return node.request(method, await withFinality(node, params))
    },
    balanceOf: node.balanceOf,
    transfers: node.transfers,
    setBalance: (address, amount) => {
      provided.set(addressKey(address), Promise.resolve())
      return node.setBalance(address, amount)
    },
    submitAsStranger: async (payment) => {
      if (payment.kind !== 'evm') throw new Error('the payment is for another network')
      const { from, to, value, validAfter, validBefore, nonce } = payment.authorization
      const args = [from, to, value, validAfter, validBefore, nonce, payment.signature] as const
      const data = encodeFunctionData({ abi: transferAbi, args })
      return node.broadcastAsStranger({ to: network.asset, data })
    },
    giveBack: async (from, to, amount) => {
      const transaction = await node.transfer(from, to, amount)
      landings.await(transaction)
      return transaction
    },
    isSigned: async (address, message, signature) =>
      isHex(signature) && client.verifyMessage({ address: address as Hex, message, signature }),
    holdNext: (dueAt) => node.holdNext(dueAt === undefined ? undefined : dueAt - offset()),
    hasLanded: landings.has,
    catchUp: landings.catchUp,
    advance: async (blocks) => {
      await node.follow(offset())
      await node.advance(blocks)
      await landings.catchUp()
    },
    deployWallet: noStubs,
    deployFactory: noStubs,
    reset: async () => {
      landings.reset()
      provided.clear()
      await node.reset()
    },
    save: () => undefined,
    load: () => undefined,
    close,
  }
}

/** Whose balance of a token a call asks for. */
function ownerIn(token: Hex, call: unknown): string | undefined {
  const { to, data, input } = (call ?? {}) as Partial<Record<string, unknown>>
  const asked = data ?? input
  if (String(to).toLowerCase() !== token.toLowerCase() || !isHex(asked)) return undefined
  const [, owner] = BALANCE_OF.exec(asked) ?? []
  return owner && `0x${owner}`
}

/** A development node's own idea of what is final is not ours. */
async function withFinality(
  node: EvmNode,
  params: readonly unknown[],
): Promise<readonly unknown[]> {
  const isFinal = (value: unknown) => value === 'finalized' || value === 'safe'
  if (!params.some(isFinal)) return params
  const block = numberToHex(await node.finalized())
  return params.map((value) => (isFinal(value) ? block : value))
}
