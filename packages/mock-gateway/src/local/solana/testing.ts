import { generateKeyPairSigner, type KeyPairSigner } from '@solana/kit'
import type { PaymentPayload, PaymentRequirements } from '@x402/core/types'
import { ExactSvmScheme as ClientScheme, toFacilitatorSvmSigner } from '@x402/svm'
import { ExactSvmScheme } from '@x402/svm/exact/facilitator'
import { onTestFinished } from 'vitest'
import type { MockGateway } from '../../createMockGateway'
import { networkOf, type SolanaNetwork } from '../../networks'
import type { MockGatewayOptions } from '../../options'
import { startGateway } from '../../testing/startGateway'
import type { LocalNode } from '../LocalNode'
import { type LocalChain, localChain } from '../localChain'
import type { SolanaNode } from './SolanaNode'
import { type SolanaNodeOptions, startSolanaNode } from './startSolanaNode'

export const MAINNET = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'
export const DEVNET = 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1'

/** The facts of a Solana network. */
export function solanaNetwork(id: typeof MAINNET | typeof DEVNET = MAINNET): SolanaNetwork {
  const network = networkOf(id)
  if (network.kind !== 'solana') throw new Error(`${id} is no Solana network`)
  return network
}

/** A node that is closed when the running test ends. */
export async function startNode(
  options: SolanaNodeOptions & { readonly id?: typeof MAINNET | typeof DEVNET } = {},
): Promise<SolanaNode> {
  const node = await startSolanaNode(solanaNetwork(options.id), options)
  onTestFinished(() => node.close())
  return node
}

/** A seller and a payer of the official packages on a node: the payer has three dollars, the seller an account. */
export async function startTrade(node: SolanaNode, id: typeof MAINNET | typeof DEVNET = MAINNET) {
  const feePayer = await generateKeyPairSigner()
  const payer = await generateKeyPairSigner()
  const seller = (await generateKeyPairSigner()).address
  await node.fundFees(feePayer.address)
  await node.faucet(payer.address, 3_000_000n)
  await node.faucet(seller, 0n)
  const requirements: PaymentRequirements = {
    scheme: 'exact',
    network: id,
    asset: solanaNetwork(id).asset,
    amount: '1000000',
    payTo: seller,
    maxTimeoutSeconds: 60,
    extra: { feePayer: feePayer.address },
  }
  const facilitator = () =>
    new ExactSvmScheme(toFacilitatorSvmSigner(feePayer, { defaultRpcUrl: node.url }))
  const sign = (by: KeyPairSigner = payer, amount = '1000000') =>
    signPayment(node, by, { ...requirements, amount })
  return { feePayer, payer, seller, requirements, facilitator, sign }
}

async function signPayment(
  { url }: SolanaNode,
  payer: KeyPairSigner,
  accepted: PaymentRequirements,
): Promise<PaymentPayload> {
  const scheme = new ClientScheme(payer, { rpcUrl: url })
  const { payload } = await scheme.createPaymentPayload(2, accepted)
  return { x402Version: 2, accepted, payload }
}

/** One JSON-RPC call; the whole answer. */
export async function ask(
  { url }: { readonly url: string },
  method: string,
  params: readonly unknown[] = [],
) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const response = await fetch(url, { method: 'POST', body })
  return response.json()
}

/** A gateway that takes payments on a local Solana chain, closed when the test ends; and the chain. */
export async function startOnSolana(options: MockGatewayOptions = {}): Promise<{
  readonly chain: LocalChain
  readonly gateway: MockGateway
  readonly node: LocalNode
}> {
  const chain = localChain()
  const gateway = await startGateway({ networks: [MAINNET], balances: {}, ...options, chain })
  return { chain, gateway, node: chain.node(MAINNET) }
}
