import { field, isCount } from './blockhash'
import { callRpc } from './callRpc'
import { assetOf } from './networks'
import { readFate } from './readFate'
import { tokenAccount } from './tokenAccount'
import { WalletError } from './WalletError'
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
 * What the chain says of a claim. `confirmed`: the transfer is in a slot that is finalized. `pending`:
 * it is in one that is not yet. `contradicted`: the chain says otherwise, for good. `unknown`: nobody
 * could be asked, or nobody knows.
 */
export type ReceiptCheck = {
  readonly status: 'confirmed' | 'pending' | 'contradicted' | 'unknown'
  /** What was found, as sentence fragments; empty where all is as claimed. */
  readonly reasons: readonly string[]
}

/**
 * Holds a claim against the chain: what the transaction did to the USDC accounts of payer and payee, and
 * that it bears the payer's signature, in a finalized slot. Every server is asked; one that errs says
 * nothing, and two that contradict each other leave it unknown. Never rejects.
 */
export async function verifyReceipt(
  claim: PaymentClaim,
  context: ChainContext,
): Promise<ReceiptCheck> {
  const { network, transaction = '' } = claim
  if (assetOf(network) === undefined) return unknown('USDC on its network is not known here')
  if (transaction === '') return unknown('no transaction is claimed')
  if (!/^[1-9A-HJ-NP-Za-km-z]{64,88}$/.test(transaction))
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
  const ask = (method: string, params: readonly unknown[]) => callRpc(url, method, params, context)
  const { network, transaction, evidence } = claim
  const genesis = await ask('getGenesisHash', [])
  if (typeof genesis !== 'string' || !genesis.startsWith(network.slice('solana:'.length)))
    return unknown('an RPC server is of another chain')
  const at = (commitment: 'finalized' | 'confirmed') => {
    const options = { commitment, encoding: 'json', maxSupportedTransactionVersion: 0 }
    return ask('getTransaction', [transaction, options])
  }
  const final = await at('finalized')
  if (final !== null) {
    const faults = await faultsOf(final, claim)
    return { status: faults.length > 0 ? 'contradicted' : 'confirmed', reasons: faults }
  }
  const recent = await at('confirmed')
  if (recent !== null) {
    const reasons = [...(await faultsOf(recent, claim)), 'its slot is not finalized yet']
    return { status: 'pending', reasons }
  }
  // A node that does not know a transaction may be behind; one that has expired unseen is proof.
  const fate = evidence ? await readFate(evidence, { ...context, rpc: [url] }) : 'unknown'
  if (fate === 'dead')
    return { status: 'contradicted', reasons: ['the payment was not made, and has expired'] }
  if (fate === 'settled') return unknown('the payment was made, by another transaction as it seems')
  return unknown('an RPC server does not know the transaction')
}

async function faultsOf(answer: unknown, claim: PaymentClaim): Promise<string[]> {
  const { network, address, payTo, amount, transaction, evidence } = claim
  const meta = field(answer, 'meta')
  const error = field(meta, 'err')
  const signatures = field(field(answer, 'transaction'), 'signatures')
  if (error === undefined || !Array.isArray(signatures)) throw malformed()
  if (signatures[0] !== transaction) throw malformed() // The first one is its id.
  if (error !== null) return ['the transaction failed']
  const mint = assetOf(network)?.address ?? ''
  const keys = accountKeys(answer)
  const moved = async (owner: string) => {
    const account = await tokenAccount(owner, mint)
    const held = (side: string) => balanceIn(field(meta, side), keys.indexOf(account), mint)
    return held('postTokenBalances') - held('preTokenBalances')
  }
  const faults: string[] = []
  if ((await moved(address)) !== -amount)
    faults.push('the transaction did not take that amount of USDC from that payer')
  if ((await moved(payTo)) !== amount)
    faults.push('the transaction did not give that amount of USDC to that payee')
  const ours = evidence?.signature
  if (ours !== undefined && !signatures.includes(ours))
    faults.push('the transaction does not bear the signature of this payment')
  return faults
}

/** The accounts of a transaction in the order its balances count them, those of lookup tables last. */
function accountKeys(answer: unknown): readonly unknown[] {
  const keys = field(field(field(answer, 'transaction'), 'message'), 'accountKeys')
  const loaded = field(field(answer, 'meta'), 'loadedAddresses')
  const more = ['writable', 'readonly'].flatMap((kind) => field(loaded, kind) ?? [])
  if (!Array.isArray(keys)) throw malformed()
  return [...keys, ...more]
}

/** What an account held of `mint`, in atomic units; an account that is not in the list held none. */
function balanceIn(balances: unknown, index: number, mint: string): bigint {
  if (!Array.isArray(balances)) throw malformed()
  const entry = balances.find((each) => field(each, 'accountIndex') === index)
  if (entry === undefined || !isCount(index)) return 0n
  const amount = field(field(entry, 'uiTokenAmount'), 'amount')
  if (typeof amount !== 'string' || !/^[0-9]{1,20}$/.test(amount)) throw malformed()
  return field(entry, 'mint') === mint ? BigInt(amount) : 0n
}

const malformed = () => new WalletError('rpc_failed', 'The RPC server gave a malformed answer.')

const unknown = (reason: string): ReceiptCheck => ({ status: 'unknown', reasons: [reason] })
