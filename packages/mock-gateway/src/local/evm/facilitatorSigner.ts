import { toFacilitatorEvmSigner } from '@x402/evm'
import type { Abi, Hex, PublicClient } from 'viem'
import { concat, encodeFunctionData } from 'viem'
import type { EvmNode, EvmReceipt } from './EvmNode'

/** For how long a transaction may be on its way before the facilitator calls it pending. */
const PATIENCE_MS = 5_000

/** The facilitator's account on a local chain, as the official scheme wants to see it; `onPending` hears what is late. */
export function facilitatorSigner(
  node: EvmNode,
  client: PublicClient,
  onPending: (hash: Hex) => void,
) {
  return toFacilitatorEvmSigner(
    {
      address: node.relayer,
      readContract: ({ abi, args = [], ...call }) =>
        client.readContract({ ...call, abi: abi as Abi, args }),
      verifyTypedData: (typedData) =>
        client.verifyTypedData(typedData as Parameters<typeof client.verifyTypedData>[0]),
      writeContract: ({ address, abi, functionName, args, dataSuffix = '0x' }) => {
        const data = encodeFunctionData({ abi: abi as Abi, functionName, args })
        return node.broadcast({ to: address, data: concat([data, dataSuffix]) })
      },
      sendTransaction: (call) => {
        if (typeof call !== 'object')
          throw new Error('the facilitator broadcasts calls of its own only')
        return node.broadcast(call as { to: Hex; data: Hex })
      },
      waitForTransactionReceipt: async ({ hash, timeout = PATIENCE_MS }) => {
        const receipt = await receiptOf(node, hash, timeout)
        if (receipt) return asLogged(receipt)
        onPending(hash)
        throw new Error('the transaction has not landed')
      },
      getCode: ({ address }) => client.getCode({ address }),
    },
    { confirmationTimeoutMs: PATIENCE_MS },
  )
}

async function receiptOf(
  node: EvmNode,
  hash: Hex,
  timeout: number,
): Promise<EvmReceipt | undefined> {
  const until = Date.now() + timeout
  for (;;) {
    const receipt = await node.receiptOf(hash)
    if (receipt) return receipt
    // What is kept back will not come by waiting.
    if (node.isAside(hash) || Date.now() > until) return undefined
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

function asLogged({ status, logs, transactionHash, blockNumber }: EvmReceipt) {
  return {
    status: status === '0x1' ? 'success' : 'reverted',
    logs: logs.map((log, logIndex) => ({
      address: log.address,
      topics: log.topics as [Hex, ...Hex[]],
      data: log.data,
      blockHash: transactionHash,
      blockNumber: BigInt(blockNumber),
      blockTimestamp: undefined,
      logIndex,
      transactionHash,
      transactionIndex: 0,
      removed: false,
    })),
  }
}
