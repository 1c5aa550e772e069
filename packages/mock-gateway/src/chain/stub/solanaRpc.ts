import { getBase58Decoder } from '@solana/kit'
import { formatDollars } from '../../money'
import { RpcError } from '../RpcError'
import type { SolanaChain } from './solanaChain'

const TOKEN_PROGRAM = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'
const MINT_SIZE = 82
const DECIMALS = 6
const SLOTS_IN_EPOCH = 432_000

/** One JSON-RPC call to a Solana stub chain. Throws RpcError. */
export async function solanaRpc(
  chain: SolanaChain,
  method: string,
  params: readonly unknown[],
): Promise<unknown> {
  const [first] = params
  switch (method) {
    case 'getHealth':
      return 'ok'
    case 'getSlot':
      return Number(chain.slot())
    case 'getBlockHeight':
      return Number(chain.blockHeight())
    case 'getEpochInfo':
      return epochInfo(chain)
    case 'getGenesisHash':
      return chain.network.id.slice('solana:'.length)
    case 'getFirstAvailableBlock':
      return 0
    case 'getBlockTime':
      return chain.blockTimeOf(whole(first))
    case 'getLatestBlockhash': {
      const { blockhash, lastValidBlockHeight } = chain.latestBlockhash()
      return withContext(chain, { blockhash, lastValidBlockHeight: Number(lastValidBlockHeight) })
    }
    case 'isBlockhashValid':
      return withContext(chain, chain.isBlockhashValid(text(first)))
    case 'getSignatureStatuses':
      return withContext(
        chain,
        list(first).map((signature) => statusOf(chain, text(signature))),
      )
    case 'getSignaturesForAddress':
      return signaturesFor(chain, text(first))
    case 'getTransaction':
      return transactionOf(chain, text(first))
    case 'getTokenAccountBalance':
      return withContext(chain, await tokenBalance(chain, text(first)))
    case 'getAccountInfo':
      return withContext(chain, text(first) === chain.network.asset ? mintAccount() : null)
    default:
      throw new RpcError(-32601, 'Method not found')
  }
}

function withContext(chain: SolanaChain, value: unknown): unknown {
  return { context: { apiVersion: '2.0.0', slot: Number(chain.slot()) }, value }
}

/** The stub finalizes at once. */
function statusOf(chain: SolanaChain, signature: string): unknown {
  const receipt = chain.receiptOf(signature)
  if (!receipt) return null
  return {
    slot: Number(receipt.slot),
    confirmations: null,
    err: null,
    status: { Ok: null },
    confirmationStatus: 'finalized',
  }
}

function signaturesFor(chain: SolanaChain, account: string): unknown {
  return chain
    .receipts()
    .filter(({ transfer }) =>
      [transfer.authority, transfer.source, transfer.destination].includes(account),
    )
    .map(({ signature, slot, blockTime, transfer: { memo } }) => ({
      signature,
      slot: Number(slot),
      err: null,
      memo: memo === undefined ? null : `[${Buffer.byteLength(memo)}] ${memo}`,
      blockTime,
      confirmationStatus: 'finalized',
    }))
    .reverse()
}

function transactionOf(chain: SolanaChain, signature: string): unknown {
  const receipt = chain.receiptOf(signature)
  if (!receipt) return null
  const { transaction } = receipt.transfer
  const signatures = Object.values(transaction.signatures).map((bytes) =>
    bytes ? getBase58Decoder().decode(bytes) : null,
  )
  return {
    slot: Number(receipt.slot),
    blockTime: receipt.blockTime,
    version: 0,
    meta: { err: null, status: { Ok: null } },
    // The fee payer signs last, so its signature is known by the transaction's id.
    transaction: {
      signatures: [signature, ...signatures.filter((one) => one && one !== signature)],
    },
  }
}

function epochInfo(chain: SolanaChain): unknown {
  const absoluteSlot = Number(chain.slot())
  return {
    absoluteSlot,
    blockHeight: Number(chain.blockHeight()),
    epoch: Math.floor(absoluteSlot / SLOTS_IN_EPOCH),
    slotIndex: absoluteSlot % SLOTS_IN_EPOCH,
    slotsInEpoch: SLOTS_IN_EPOCH,
    transactionCount: null,
  }
}

async function tokenBalance(chain: SolanaChain, account: string): Promise<unknown> {
  const amount = await chain.tokenBalance(account)
  if (amount === undefined) throw new RpcError(-32602, 'Invalid param: could not find account')
  const dollars = formatDollars(amount)
  return {
    amount: amount.toString(),
    decimals: DECIMALS,
    uiAmount: Number(dollars),
    uiAmountString: dollars,
  }
}

/** An SPL mint account: no authorities, six decimals, initialized. */
function mintAccount(): unknown {
  const data = Buffer.alloc(MINT_SIZE)
  data.writeUInt8(DECIMALS, 44)
  data.writeUInt8(1, 45)
  return {
    data: [data.toString('base64'), 'base64'],
    executable: false,
    lamports: 1_461_600,
    owner: TOKEN_PROGRAM,
    rentEpoch: 0,
    space: MINT_SIZE,
  }
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  throw new RpcError(-32602, 'Invalid params: expected a string')
}

function whole(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new RpcError(-32602, 'Invalid params: expected a whole number')
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new RpcError(-32602, 'Invalid params: expected an array')
}
