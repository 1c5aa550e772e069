import { field, isCount } from './blockhash'
import { read32 } from './bytes'
import { callRpc } from './callRpc'
import { assetOf } from './networks'
import { WalletError } from './WalletError'
import type { ChainContext, Evidence, Fate } from './wallet'

const PAGE = 1000
const MAX_PAGES = 10
// Transactions whose memo the server does not keep have to be fetched one by one.
const MAX_FETCHED = 100
// A blockhash is good for 150 blocks of 0.4 to 0.6 seconds.
const BLOCKHASH_SECONDS = 150
// How far a gateway's clock may be off; `preparedAt` was read from it.
const CLOCK_SECONDS = 86_400

/**
 * What became of a payment, asked of every RPC server in finalized history. A transaction's id is the
 * fee payer's signature, which we never saw: so the payment is looked for among the transactions of
 * its source account, and known by our own signature in it. `settled`: it is there, without an error.
 * `dead`: it is there with one, or its blockhash has expired and it is not there. One server that errs
 * is passed over; two that contradict each other, or none at all, prove nothing.
 */
export async function readFate(evidence: Evidence, context: ChainContext): Promise<Fate> {
  const payment = readEvidence(evidence)
  if (payment === undefined) return 'unknown'
  const fates = await Promise.all(
    context.rpc.map((url) => askOne(url, payment, context).catch((): Fate => 'unknown')),
  )
  const isSettled = fates.includes('settled')
  const isDead = fates.includes('dead')
  if (isSettled === isDead) return 'unknown'
  return isSettled ? 'settled' : 'dead'
}

type Payment = {
  readonly genesis: string
  readonly account: string
  readonly signature: string
  readonly memo: string
  readonly blockhash: string
  readonly preparedAt: number
  /** From our own RPC server, or undefined if the blockhash was the gateway's. */
  readonly own: { readonly slot: number; readonly lastValidBlockHeight: number } | undefined
}

function readEvidence(evidence: Evidence): Payment | undefined {
  const { network = '', account = '', signature = '', memo = '', blockhash = '' } = evidence
  const preparedAt = count(evidence.preparedAt)
  const slot = count(evidence.slot)
  const lastValidBlockHeight = count(evidence.lastValidBlockHeight)
  if (assetOf(network) === undefined || preparedAt === undefined) return undefined
  if (read32(account) === undefined || read32(blockhash) === undefined) return undefined
  if (signature === '' || memo === '') return undefined
  const own =
    slot === undefined || lastValidBlockHeight === undefined
      ? undefined
      : { slot, lastValidBlockHeight }
  const genesis = network.slice('solana:'.length)
  return { genesis, account, signature, memo, blockhash, preparedAt, own }
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined
}

type Ask = (method: string, params: readonly unknown[]) => Promise<unknown>

async function askOne(url: string, payment: Payment, context: ChainContext): Promise<Fate> {
  const ask: Ask = (method, params) => callRpc(url, method, params, context)
  const genesis = await ask('getGenesisHash', [])
  if (typeof genesis !== 'string' || !genesis.startsWith(payment.genesis)) return 'unknown'
  // Expiry first, then the search: the other way round the payment could land in between.
  const epoch = await ask('getEpochInfo', [{ commitment: 'finalized' }])
  const slot = field(epoch, 'absoluteSlot')
  const height = field(epoch, 'blockHeight')
  if (!isCount(slot) || !isCount(height)) throw malformed()
  const isExpired = await hasExpired(ask, payment, slot, height)
  const landed = await findLanded(ask, payment, slot)
  if (landed !== undefined) return landed
  return isExpired && (await hasHistory(ask, payment)) ? 'dead' : 'unknown'
}

async function hasExpired(
  ask: Ask,
  { own, blockhash, preparedAt }: Payment,
  slot: number,
  height: number,
): Promise<boolean> {
  if (own !== undefined) return height > own.lastValidBlockHeight
  const time = await ask('getBlockTime', [slot])
  if (!isCount(time) || time <= preparedAt + BLOCKHASH_SECONDS) return false
  // Not valid at the tip: too old, not too new. Not valid when finalized: nothing is still on its way.
  for (const commitment of ['processed', 'finalized']) {
    const answer = await ask('isBlockhashValid', [blockhash, { commitment, minContextSlot: slot }])
    if (field(answer, 'value') !== false) return false
  }
  return true
}

// Servers prune: one that no longer has the days of the payment cannot say that it is not there.
async function hasHistory(ask: Ask, { own, preparedAt }: Payment): Promise<boolean> {
  const first = await ask('getFirstAvailableBlock', [])
  if (!isCount(first)) throw malformed()
  if (first === 0) return true
  if (own !== undefined) return first <= own.slot
  const time = await ask('getBlockTime', [first])
  return isCount(time) && time < preparedAt - CLOCK_SECONDS
}

async function findLanded(ask: Ask, payment: Payment, slot: number): Promise<Fate | undefined> {
  let before: string | undefined
  let fetched = 0
  for (let page = 0; page < MAX_PAGES; page++) {
    // minContextSlot: of a pool of servers, not one that is behind the one that told the height.
    const options = {
      commitment: 'finalized',
      minContextSlot: slot,
      limit: PAGE,
      ...(before && { before }),
    }
    const entries = await ask('getSignaturesForAddress', [payment.account, options])
    if (!Array.isArray(entries)) throw malformed()
    for (const entry of entries) {
      before = readId(entry)
      if (isOlder(entry, payment)) return undefined
      if (!mayBe(entry, payment.memo)) continue
      if (++fetched > MAX_FETCHED) throw malformed()
      const landed = await readLanded(ask, before, payment.signature)
      if (landed !== undefined) return landed
    }
    if (entries.length < PAGE) return undefined
  }
  throw malformed()
}

function readId(entry: unknown): string {
  const id = field(entry, 'signature')
  if (typeof id !== 'string') throw malformed()
  return id
}

function isOlder(entry: unknown, { own, preparedAt }: Payment): boolean {
  const slot = field(entry, 'slot')
  const time = field(entry, 'blockTime')
  if (own !== undefined) return isCount(slot) && slot < own.slot
  return isCount(time) && time < preparedAt - CLOCK_SECONDS
}

// Anybody can copy a memo and not every server keeps them: it can rule a transaction out, never in.
function mayBe(entry: unknown, memo: string): boolean {
  const stated = field(entry, 'memo')
  return typeof stated !== 'string' || stated.includes(memo)
}

async function readLanded(ask: Ask, id: string, signature: string): Promise<Fate | undefined> {
  const options = { commitment: 'finalized', encoding: 'json', maxSupportedTransactionVersion: 0 }
  const answer = await ask('getTransaction', [id, options])
  const signatures = field(field(answer, 'transaction'), 'signatures')
  const error = field(field(answer, 'meta'), 'err')
  if (!Array.isArray(signatures) || error === undefined) throw malformed()
  if (!signatures.includes(signature)) return undefined
  return error === null ? 'settled' : 'dead'
}

const malformed = () => new WalletError('rpc_failed', 'The RPC server gave a malformed answer.')
