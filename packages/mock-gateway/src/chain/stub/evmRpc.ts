import type { Hex } from 'viem'
import { isHex, keccak256, numberToHex, toHex } from 'viem'
import type { JsonObject } from '../../http/jsonObject'
import { asObject } from '../../http/jsonObject'
import { RpcError } from '../RpcError'
import { evmCall } from './evmCall'
import type { EvmChain } from './evmChain'

const BLOOM: Hex = `0x${'00'.repeat(256)}`
const ZERO_HASH: Hex = `0x${'00'.repeat(32)}`
const ZERO_ADDRESS: Hex = `0x${'00'.repeat(20)}`

/** One JSON-RPC call to an EVM stub chain. Throws RpcError. */
export function evmRpc(chain: EvmChain, method: string, params: readonly unknown[]): unknown {
  switch (method) {
    case 'eth_chainId':
      return numberToHex(chain.network.chainId)
    case 'eth_blockNumber':
      return numberToHex(chain.blockNumber())
    case 'eth_getBlockByNumber':
      return blockOf(chain, params[0])
    case 'eth_call':
      return call(chain, asObject(params[0]) ?? {})
    case 'eth_getCode':
      return hasCode(chain, String(params[0])) ? '0x01' : '0x'
    case 'eth_getTransactionByHash':
      return transactionOf(chain, String(params[0]))
    case 'eth_getTransactionReceipt':
      return receiptOf(chain, String(params[0]))
    default:
      throw new RpcError(-32601, `the method ${method} does not exist`)
  }
}

function hasCode(chain: EvmChain, address: string): boolean {
  return (
    address.toLowerCase() === chain.network.asset.toLowerCase() ||
    chain.contractAt(address) !== undefined ||
    chain.factoryAt(address) !== undefined
  )
}

function call(chain: EvmChain, request: JsonObject): Hex {
  const data = request.data ?? request.input
  if (typeof request.to !== 'string' || !isHex(data)) {
    throw new RpcError(-32602, 'invalid argument 0')
  }
  try {
    return evmCall(chain, request.to, data)
  } catch {
    // A call to anything but USDC reverts, whatever the decoder made of it.
    throw new RpcError(3, 'execution reverted')
  }
}

/** The stub finalizes at once: latest, safe and finalized are the same block. */
function blockOf(chain: EvmChain, tag: unknown): JsonObject | null {
  const height = chain.blockNumber()
  const named = ['latest', 'safe', 'finalized', 'pending'].includes(String(tag))
  if (!named && !(isHex(tag) && BigInt(tag) <= height)) return null
  const number = isHex(tag) ? BigInt(tag) : height
  return {
    number: numberToHex(number),
    hash: blockHash(chain, number),
    parentHash: blockHash(chain, number - 1n),
    timestamp: numberToHex(chain.timestamp() - (height - number) * 2n),
    nonce: '0x0000000000000000',
    difficulty: '0x0',
    gasLimit: '0x1c9c380',
    gasUsed: '0x0',
    miner: ZERO_ADDRESS,
    extraData: '0x',
    logsBloom: BLOOM,
    mixHash: ZERO_HASH,
    receiptsRoot: ZERO_HASH,
    sha3Uncles: ZERO_HASH,
    stateRoot: ZERO_HASH,
    transactionsRoot: ZERO_HASH,
    size: '0x0',
    baseFeePerGas: '0x1',
    transactions: [],
    uncles: [],
  }
}

/** The stub keeps of a transaction what its receipt says of where it is. */
function transactionOf(chain: EvmChain, hash: string): JsonObject | null {
  const receipt = receiptOf(chain, hash)
  if (!receipt) return null
  const { transactionHash, blockHash, blockNumber, transactionIndex, from, to } = receipt
  return { hash: transactionHash, blockHash, blockNumber, transactionIndex, from, to }
}

function receiptOf(chain: EvmChain, hash: string): JsonObject | null {
  const receipt = chain.receiptOf(hash)
  if (!receipt) return null
  const place = {
    blockHash: blockHash(chain, receipt.blockNumber),
    blockNumber: numberToHex(receipt.blockNumber),
    transactionHash: receipt.hash,
    transactionIndex: '0x0',
  }
  return {
    ...place,
    from: ZERO_ADDRESS,
    to: chain.network.asset,
    contractAddress: null,
    cumulativeGasUsed: '0x15f90',
    gasUsed: '0x15f90',
    effectiveGasPrice: '0x1',
    logsBloom: BLOOM,
    status: '0x1',
    type: '0x2',
    logs: receipt.logs.map((log, index) => ({
      ...log,
      ...place,
      logIndex: numberToHex(index),
      removed: false,
    })),
  }
}

function blockHash(chain: EvmChain, number: bigint): Hex {
  return keccak256(toHex(`${chain.network.id}:${number}`))
}
