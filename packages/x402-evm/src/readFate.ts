import { callRpc } from './callRpc'
import { lastingBlock, quantity } from './lastingBlock'
import { assetOf } from './refuseTerms'
import type { ChainContext, Evidence, Fate } from './wallet'

// authorizationState(address,bytes32) of EIP-3009.
const AUTHORIZATION_STATE = '0xe94a0102'

/**
 * What became of an authorization, asked of every RPC server at a block that will not be undone.
 * `settled`: the nonce is used. `dead`: it is unused in a block later than `validBefore`. One that
 * errs is passed over; two that contradict each other, or none at all, prove nothing.
 */
export async function readFate(evidence: Evidence, context: ChainContext): Promise<Fate> {
  const question = readEvidence(evidence)
  if (question === undefined) return 'unknown'
  const fates = await Promise.all(
    context.rpc.map((url) => askOne(url, question, context).catch((): Fate => 'unknown')),
  )
  const isSettled = fates.includes('settled')
  const isDead = fates.includes('dead')
  if (isSettled === isDead) return 'unknown'
  return isSettled ? 'settled' : 'dead'
}

type Question = {
  readonly chainId: bigint
  readonly token: string
  readonly data: string
  readonly validBefore: bigint
}

function readEvidence(evidence: Evidence): Question | undefined {
  const { network = '', from = '', nonce = '', validBefore = '' } = evidence
  const asset = assetOf(network)
  if (asset === undefined || asset.address !== evidence.asset) return undefined
  if (!/^0x[0-9a-fA-F]{40}$/.test(from) || !/^0x[0-9a-fA-F]{64}$/.test(nonce)) return undefined
  if (!/^[0-9]{1,78}$/.test(validBefore)) return undefined
  return {
    chainId: BigInt(network.slice('eip155:'.length)),
    token: asset.address,
    data: AUTHORIZATION_STATE + from.slice(2).padStart(64, '0') + nonce.slice(2),
    validBefore: BigInt(validBefore),
  }
}

async function askOne(url: string, question: Question, context: ChainContext): Promise<Fate> {
  const ask = (method: string, params: readonly unknown[]) => callRpc(url, method, params, context)
  if (quantity(await ask('eth_chainId', [])) !== question.chainId) return 'unknown'
  const block = await lastingBlock(ask)
  const used = await ask('eth_call', [{ to: question.token, data: question.data }, block.number])
  if (used === `0x${'1'.padStart(64, '0')}`) return 'settled'
  if (used !== `0x${'0'.repeat(64)}`) return 'unknown'
  return quantity(block.timestamp) > question.validBefore ? 'dead' : 'unknown'
}
