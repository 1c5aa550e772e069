import type { Hex } from 'viem'
import { decodeEventLog, getAbiItem, numberToHex, toEventSelector, zeroAddress } from 'viem'
import { usdcAbi } from '../../chain/usdcAbi'
import type { Request } from '../jsonRpc'
import type { LocalTransfer } from '../LocalNode'

interface Log {
  readonly transactionHash: Hex
  readonly blockNumber: Hex
  readonly topics: [Hex, ...Hex[]]
  readonly data: Hex
}

const EVENTS = (['AuthorizationUsed', 'Transfer'] as const).map((name) =>
  toEventSelector(getAbiItem({ abi: usdcAbi, name })),
)

/** All transfers of a token that were not minted, oldest first, with the nonces of those that were authorized. */
export async function readTransfers(request: Request, token: Hex): Promise<LocalTransfer[]> {
  const range = { address: token, topics: [EVENTS], fromBlock: numberToHex(0), toBlock: 'latest' }
  const logs = (await request('eth_getLogs', [range])) as readonly Log[] // A node's own.
  const transfers: LocalTransfer[] = []
  let authorized: { readonly transaction: Hex; readonly nonce: Hex } | undefined
  for (const { transactionHash: transaction, blockNumber, topics, data } of logs) {
    const event = decodeEventLog({ abi: usdcAbi, topics, data, strict: false })
    // The contract says that a nonce is used right before it transfers.
    if (event.eventName === 'AuthorizationUsed') {
      const { nonce } = event.args
      authorized = nonce && { transaction, nonce }
      continue
    }
    const { from = zeroAddress, to = zeroAddress, value: amount = 0n } = event.args
    const nonce = authorized?.transaction === transaction ? { nonce: authorized.nonce } : {}
    authorized = undefined
    if (from === zeroAddress) continue
    transfers.push({ transaction, from, to, amount, height: BigInt(blockNumber), ...nonce })
  }
  return transfers
}
