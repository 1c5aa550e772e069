import type { Chain } from './chain'
import { EVM, type Paid, SOLANA, START, type World } from './World'

/** An RPC server of either chain: the result of a call, or undefined for one it does not know. */
export type Rpc = (method: string, params: readonly unknown[]) => unknown

/** Slots that had no block. */
const SKIPPED = 77
const CHAIN_ID = `0x${(8_453).toString(16)}`
const GENESIS = `${SOLANA.network.slice('solana:'.length)}x`
const WORD = 64

/** Where the RPC servers of a network are. */
export function rpcUrls(network: string, count: number): readonly string[] {
  const name = network.split(':')[0]
  return Array.from({ length: count }, (_, index) => `https://rpc${index}.${name}.test/`)
}

/** The state of both chains as a server tells it. `at` is the last moment that will not be undone. */
export function createRpc(world: World, chain: Chain): Rpc {
  const { plan, timeline, payments } = world
  const { lag, blockTime, tags, memos, history } = plan.chain
  const lasting = () => timeline.now() - lag
  const isIn = ({ settledAt, failedAt }: Paid) =>
    (settledAt ?? failedAt ?? Number.POSITIVE_INFINITY) <= lasting()
  const slotAt = (at: number) => chain.heightAt(at) + SKIPPED
  const timeOf = (slot: number) => Math.floor((START + (slot - slotAt(START)) * blockTime) / 1000)

  const block = (tag: unknown) => {
    if (tag !== 'finalized' && tag !== tags) return null
    return { number: '0x10', timestamp: `0x${Math.floor(lasting() / 1000).toString(16)}` }
  }

  // authorizationState(address,bytes32): the nonce is the last word of the call's data.
  const authorizationState = (call: unknown) => {
    const { to = '', data = '' } = call as { to?: string; data?: string } // as the wallet wrote it
    if (to !== EVM.asset) return undefined
    const payment = payments.get(`0x${data.slice(-WORD)}`)
    return `0x${(payment && isIn(payment) ? '1' : '0').padStart(WORD, '0')}`
  }

  // A server of Solana has the newest first.
  const landed = (account: unknown) =>
    account !== SOLANA.address
      ? []
      : [...payments.values()]
          .filter((payment) => payment.holder === SOLANA && isIn(payment))
          .map((payment) => ({ payment, at: payment.settledAt ?? payment.failedAt ?? 0 }))
          .sort((a, b) => b.at - a.at)
          .map(({ payment, at }) => ({
            signature: idOf(payment.mark),
            slot: slotAt(at),
            blockTime: Math.floor(at / 1000),
            memo: memos ? `[9] ${payment.mark}` : null,
          }))

  const transaction = (id: unknown) => {
    for (const payment of payments.values()) {
      if (idOf(payment.mark) !== id) continue
      const err = payment.failedAt === undefined ? null : { InstructionError: [2, 'Custom'] }
      return { transaction: { signatures: [id, payment.mark] }, meta: { err } }
    }
    return null
  }

  const isBlockhashValid = (blockhash: unknown, at: number) =>
    chain.heightAt(at) <= (chain.blockhash(String(blockhash))?.lastValidBlockHeight ?? 0)

  return (method, [first, second]) => {
    switch (method) {
      case 'eth_chainId':
        return CHAIN_ID
      case 'eth_getBlockByNumber':
        return block(first)
      case 'eth_call':
        return authorizationState(first)
      case 'getGenesisHash':
        return GENESIS
      case 'getEpochInfo':
        return { absoluteSlot: slotAt(lasting()), blockHeight: chain.heightAt(lasting()) }
      case 'getFirstAvailableBlock':
        return history === 'whole' ? 0 : slotAt(timeline.now() - 3_600_000)
      case 'getBlockTime':
        return timeOf(Number(first))
      case 'getSignaturesForAddress':
        return landed(first)
      case 'getTransaction':
        return transaction(first)
      case 'isBlockhashValid': {
        const { commitment } = second as { commitment?: string } // as the wallet wrote it
        const at = commitment === 'finalized' ? lasting() : timeline.now()
        return { value: isBlockhashValid(first, at) }
      }
      default:
        return undefined
    }
  }
}

// A transaction goes by its fee payer's signature, which is not ours.
function idOf(mark: string): string {
  return `id ${mark}`
}
