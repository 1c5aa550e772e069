import type { Hex } from 'viem'
import { numberToHex } from 'viem'
import type { Request } from '../jsonRpc'

interface Mined {
  readonly hash: string
  readonly from: string
  readonly input: Hex
  readonly raw: Hex
}

/** Transactions of the blocks from `first` on, in their order. */
export async function transactionsFrom(request: Request, first: bigint): Promise<Mined[]> {
  const last = BigInt(String(await request('eth_blockNumber')))
  const found: Mined[] = []
  for (let number = first; number <= last; number += 1n) {
    const block = await request('eth_getBlockByNumber', [numberToHex(number), true])
    const { transactions } = block as { transactions: readonly Omit<Mined, 'raw'>[] }
    for (const transaction of transactions) {
      const raw = await request('eth_getRawTransactionByHash', [transaction.hash])
      found.push({ ...transaction, raw: raw as Hex })
    }
  }
  return found
}
