import { callRpc } from './callRpc'
import { field } from './field'
import { type Ask, lastingBlock, malformed, quantity } from './lastingBlock'
import { readFate } from './readFate'
import { assetOf } from './refuseTerms'
import type { ChainContext, Evidence } from './wallet'

/** A payment that is said to have been made: by the journal, and by a PAYMENT-RESPONSE. */
export type PaymentClaim = {
  /** CAIP-2. */
  readonly network: string
  /** Who paid. */
  readonly address: string
  readonly payTo: string
  /** Atomic units of USDC. */
  readonly amount: bigint
  /** The transaction, by the seller's word. */
  readonly transaction?: string | undefined
  /** Ties the claim to one signature: without it, another payment alike would do. */
  readonly evidence?: Evidence | undefined
}

/**
 * What the chain says of a claim. `confirmed`: the transfer is in a block that will not be undone.
 * `pending`: it is on its way, or in a block that may be. `contradicted`: the chain says otherwise, for
 * good. `unknown`: nobody could be asked, or nobody knows.
 */
export type ReceiptCheck = {
  readonly status: 'confirmed' | 'pending' | 'contradicted' | 'unknown'
  /** What was found, as sentence fragments; empty where all is as claimed. */
  readonly reasons: readonly string[]
}

// keccak-256 of Transfer(address,address,uint256) (ERC-20) and of AuthorizationUsed(address,bytes32) (EIP-3009).
const TRANSFER = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
const AUTHORIZATION_USED = '0x98de503528ee59b575ef0c0a2576a82497bfc029a5685b209e9ec333479b10a5'

/**
 * Holds a claim against the chain: the transaction's events `Transfer` and `AuthorizationUsed`, by token,
 * payer, payee, amount and nonce, in a block that will not be undone. Every server is asked; one that
 * errs says nothing, and two that contradict each other leave it unknown. Never rejects.
 */
export async function verifyReceipt(
  claim: PaymentClaim,
  context: ChainContext,
): Promise<ReceiptCheck> {
  const { network, transaction = '' } = claim
  if (assetOf(network) === undefined) return unknown('USDC on its network is not known here')
  if (transaction === '') return unknown('no transaction is claimed')
  if (!/^0x[0-9a-fA-F]{64}$/.test(transaction))
    return { status: 'contradicted', reasons: ['what is claimed is no transaction of its network'] }
  if (context.rpc.length === 0) return unknown('no RPC server is named')
  return agreed(
    await Promise.all(
      context.rpc.map((url) =>
        askOne(url, claim, context).catch(() => unknown('an RPC server gave no usable answer')),
      ),
    ),
  )
}

function agreed(checks: readonly ReceiptCheck[]): ReceiptCheck {
  const found = (status: ReceiptCheck['status']) => checks.find((check) => check.status === status)
  const confirmed = found('confirmed')
  const contradicted = found('contradicted')
  if (confirmed && contradicted) return unknown('RPC servers contradict each other')
  const reasons = [...new Set(checks.flatMap((check) => check.reasons))]
  return confirmed ?? contradicted ?? found('pending') ?? { status: 'unknown', reasons }
}

async function askOne(
  url: string,
  claim: PaymentClaim,
  context: ChainContext,
): Promise<ReceiptCheck> {
  const ask: Ask = (method, params) => callRpc(url, method, params, context)
  const { network, transaction, evidence } = claim
  if (quantity(await ask('eth_chainId', [])) !== BigInt(network.slice('eip155:'.length)))
    return unknown('an RPC server is of another chain')
  const lasting = quantity((await lastingBlock(ask)).number)
  const receipt = await ask('eth_getTransactionReceipt', [transaction])
  if (receipt === null) return askWithout(ask, claim, () => fateAt(url, evidence, context))
  if (!isSame(field(receipt, 'transactionHash'), transaction)) throw malformed()
  const height = field(receipt, 'blockNumber')
  const isFinal = quantity(height) <= lasting
  const block = await ask('eth_getBlockByNumber', [height, false])
  const blockHash = field(block, 'hash')
  if (typeof blockHash !== 'string' || !isSame(field(receipt, 'blockHash'), blockHash))
    return { status: 'pending', reasons: ['its block was replaced by another'] }
  const faults = faultsOf(receipt, claim)
  if (!isFinal) return { status: 'pending', reasons: [...faults, 'its block may still be undone'] }
  return { status: faults.length > 0 ? 'contradicted' : 'confirmed', reasons: faults }
}

// A node that does not know a transaction may be behind; only an authorization that has expired unused is proof.
async function askWithout(
  ask: Ask,
  { transaction }: PaymentClaim,
  askFate: () => ReturnType<typeof readFate>,
): Promise<ReceiptCheck> {
  const fate = await askFate()
  if (fate === 'dead')
    return { status: 'contradicted', reasons: ['the payment was not made, and has expired'] }
  if (fate === 'settled') return unknown('the payment was made, by another transaction as it seems')
  const waiting = await ask('eth_getTransactionByHash', [transaction])
  if (waiting !== null) return { status: 'pending', reasons: ['it is in no block yet'] }
  return unknown('an RPC server does not know the transaction')
}

async function fateAt(url: string, evidence: Evidence | undefined, context: ChainContext) {
  return evidence ? readFate(evidence, { ...context, rpc: [url] }) : 'unknown'
}

function faultsOf(receipt: unknown, claim: PaymentClaim): string[] {
  const status = quantity(field(receipt, 'status'))
  if (status !== 1n) return ['the transaction failed']
  const { network, address, payTo, amount, evidence } = claim
  const logs = field(receipt, 'logs')
  if (!Array.isArray(logs)) throw malformed()
  const events = logs.map(readLog).filter(({ token }) => isSame(token, assetOf(network)?.address))
  const has = (topics: readonly string[], data?: bigint) =>
    events.some(
      (event) =>
        topics.length === event.topics.length &&
        topics.every((topic, at) => isSame(event.topics[at], topic)) &&
        (data === undefined || event.data === data),
    )
  const nonce = evidence?.nonce
  const faults: string[] = []
  if (!has([TRANSFER, topicOf(address), topicOf(payTo)], amount))
    faults.push(
      'the transaction has no transfer of that amount of USDC by that payer to that payee',
    )
  if (nonce !== undefined && !has([AUTHORIZATION_USED, topicOf(address), nonce]))
    faults.push('the transaction does not use the authorization of this payment')
  return faults
}

function readLog(log: unknown) {
  const topics = field(log, 'topics')
  const data = field(log, 'data')
  if (!Array.isArray(topics) || typeof data !== 'string') throw malformed()
  const isWord = /^0x[0-9a-fA-F]{64}$/.test(data)
  return {
    token: field(log, 'removed') === true ? undefined : field(log, 'address'),
    topics: topics as readonly unknown[], // each is compared as text
    data: isWord ? BigInt(data) : undefined,
  }
}

const topicOf = (address: string) => `0x${address.slice(2).padStart(64, '0')}`

function isSame(stated: unknown, known: string | undefined): boolean {
  return typeof stated === 'string' && stated.toLowerCase() === known?.toLowerCase()
}

const unknown = (reason: string): ReceiptCheck => ({ status: 'unknown', reasons: [reason] })
