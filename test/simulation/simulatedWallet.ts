import type { Wallet } from '../../packages/sdk/src/wallet'
import { readFate as readEvmFate } from '../../packages/x402-evm/src/readFate'
import { readFate as readSolanaFate } from '../../packages/x402-solana/src/readFate'
import type { Blockhash, Chain } from './chain'
import type { Holder } from './Holder'
import type { Ledger } from './ledger'
import type { Touch } from './Wire'
import type { Paid, World } from './World'

type Terms = Parameters<Wallet['prepare']>[0]
type Context = Parameters<Wallet['prepare']>[1]

/** Seconds within which a payment on Solana lands or never does, as the wallet of the SDK has it. */
const LIFETIME_S = 150
/** Who takes this long to sign is a person, in milliseconds. */
const PERSON_MS = 30_000
/** How old a blockhash may be that the wallet keeps for its next payment, in milliseconds. */
const KEPT_MS = 20_000

/**
 * A wallet whose signatures cost nothing. What it asks the chain is asked by the code of the chain
 * packages, over the wire.
 */
export function openSimulatedWallet(
  holder: Holder,
  process: string,
  touch: Touch,
  world: World,
  chain: Chain,
  ledger: Ledger,
): Wallet {
  const { plan, chance, timeline } = world
  const { namespace, network, address, asset, payTo } = holder
  const ask = <T>(what: string, act: () => T) =>
    touch(what, world.calm ? 0 : plan.walletDelay, () => {
      if (world.goesWrong(plan.walletFaults)) throw chance.pick(declined(), new Error('unplugged'))
      return act()
    })

  const sign = (terms: Terms, signal: Context['signal'], made: Made) => {
    ledger.onAsk(holder, process, signal, terms.amount)
    return ask('sign', () => {
      if (terms.payTo !== payTo) world.fail('signed for another payee', terms.payTo)
      const { mark, endsAt, evidence } = made
      const { amount } = terms
      const payment: Paid = { holder, mark, endsAt, amount, signedAt: timeline.now(), process }
      world.log(() => `${process} signs ${mark}`)
      ledger.onSign(payment)
      const value = amount.toString()
      const signature = `signed ${mark}`
      return { payload: { mark, from: address, to: terms.payTo, value, signature }, evidence }
    })
  }

  return {
    namespace,
    address,
    interactive: plan.walletDelay >= PERSON_MS,
    networks: {
      [network]: { address: asset, symbol: 'USDC', decimals: 6, testnet: false, rpc: '' },
    },
    refuse: (terms) => (terms.asset === asset ? undefined : 'another asset'),
    prepare: (terms, context) =>
      touch('prepare', 0, () => {
        const made =
          namespace === 'solana'
            ? makeOnSolana(holder, terms, context, world, chain)
            : makeOnBase(holder, context, world)
        const { expiresAt, evidence } = made
        const { amount, payTo } = terms
        const summary = { network, asset, amount, payTo, from: address }
        return { expiresAt, evidence, summary, sign: () => sign(terms, context.signal, made) }
      }),
    signMessage: (message) => ask('sign in', () => `signed ${message.length}`),
    fate: namespace === 'solana' ? readSolanaFate : readEvmFate,
  }
}

/** A payment made ready. */
type Made = Pick<Paid, 'mark' | 'endsAt'> & {
  readonly expiresAt: number
  readonly evidence: Readonly<Record<string, string>>
}

function makeOnBase(holder: Holder, { now, validity }: Context, world: World): Made {
  const { address: from, network, asset } = holder
  const expiresAt = now + validity
  const mark = `0x${(world.marks++).toString(16).padStart(64, '0')}`
  const evidence = { network, asset, from, nonce: mark, validBefore: String(expiresAt) }
  return { mark, endsAt: expiresAt * 1000, expiresAt, evidence }
}

function makeOnSolana(
  holder: Holder,
  { extra }: Terms,
  { now, rpc }: Context,
  world: World,
  chain: Chain,
): Made {
  const { recent, own } = chooseBlockhash(extra.recentBlockhash, rpc, world, chain)
  const mark = `s${world.marks++}`
  const evidence = {
    network: holder.network,
    account: holder.address,
    memo: mark,
    signature: mark,
    preparedAt: String(now),
    blockhash: recent.blockhash,
    ...own,
  }
  return { mark, endsAt: recent.endsAt, expiresAt: now + LIFETIME_S, evidence }
}

// Our own server's, perhaps kept for a while; else the gateway's.
function chooseBlockhash(
  hint: unknown,
  rpc: readonly string[],
  { plan, chance, timeline, goesWrong }: World,
  chain: Chain,
): { readonly recent: Blockhash; readonly own?: Readonly<Record<string, string>> } {
  if (rpc.length > 0 && !goesWrong(plan.chain.outages)) {
    const recent = chain.blockhashAt(timeline.now() - chance.between(0, KEPT_MS))
    const { lastValidBlockHeight } = recent
    const slot = String(lastValidBlockHeight - 150)
    return { recent, own: { slot, lastValidBlockHeight: String(lastValidBlockHeight) } }
  }
  if (typeof hint !== 'string') throw new Error('no blockhash')
  const recent = chain.blockhash(hint)
  if (!recent) throw new Error('a blockhash of another chain')
  return { recent }
}

function declined(): Error {
  return Object.assign(new Error('The user said no.'), { code: 4001 })
}
