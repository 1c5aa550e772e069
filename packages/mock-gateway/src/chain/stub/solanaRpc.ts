import {
  getBase58Decoder,
  getBase58Encoder,
  getCompiledTransactionMessageDecoder,
} from '@solana/kit'
import { formatDollars } from '../../money'
import { RpcError } from '../RpcError'
import type { SolanaChain } from './solanaChain'

const TOKEN_PROGRAM = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'
const MINT_SIZE = 82
const TOKEN_ACCOUNT_SIZE = 165
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
      return withContext(chain, await accountAt(chain, text(first)))
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
  const { transfer, before } = receipt
  const { amount, messageBytes } = transfer
  const { staticAccounts } = getCompiledTransactionMessageDecoder().decode(messageBytes)
  const balances = (source: bigint, destination: bigint) => [
    tokenBalanceOf(chain, staticAccounts, transfer.source, source),
    tokenBalanceOf(chain, staticAccounts, transfer.destination, destination),
  ]
  const signatures = Object.values(transfer.signatures).map((bytes) =>
    bytes ? getBase58Decoder().decode(bytes) : null,
  )
  return {
    slot: Number(receipt.slot),
    blockTime: receipt.blockTime,
    version: 0,
    meta: {
      err: null,
      status: { Ok: null },
      loadedAddresses: { readonly: [], writable: [] },
      preTokenBalances: balances(before.source, before.destination),
      postTokenBalances: balances(before.source - amount, before.destination + amount),
    },
    // The fee payer signs last, so its signature is known by the transaction's id.
    transaction: {
      message: { accountKeys: staticAccounts },
      signatures: [signature, ...signatures.filter((one) => one && one !== signature)],
    },
  }
}

function tokenBalanceOf(
  { network }: SolanaChain,
  accounts: readonly string[],
  account: string,
  amount: bigint,
): unknown {
  const uiTokenAmount = tokenAmount(amount)
  return { accountIndex: accounts.indexOf(account), mint: network.asset, uiTokenAmount }
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
  return tokenAmount(amount)
}

function tokenAmount(amount: bigint): unknown {
  const dollars = formatDollars(amount)
  return {
    amount: amount.toString(),
    decimals: DECIMALS,
    uiAmount: Number(dollars),
    uiAmountString: dollars,
  }
}

async function accountAt(chain: SolanaChain, address: string): Promise<unknown> {
  if (address === chain.network.asset) return mintAccount()
  const amount = await chain.tokenBalance(address)
  return amount === undefined ? null : tokenAccount(chain, amount)
}

/** An SPL token account, initialized; the stub does not tell whose it is. */
function tokenAccount({ network }: SolanaChain, amount: bigint): unknown {
  const data = Buffer.alloc(TOKEN_ACCOUNT_SIZE)
  data.set(getBase58Encoder().encode(network.asset), 0)
  data.writeBigUInt64LE(amount, 64)
  data.writeUInt8(1, 108)
  return account(data, 2_039_280)
}

/** An SPL mint account: no authorities, six decimals, initialized. */
function mintAccount(): unknown {
  const data = Buffer.alloc(MINT_SIZE)
  data.writeUInt8(DECIMALS, 44)
  data.writeUInt8(1, 45)
  return account(data, 1_461_600)
}

function account(data: Buffer, lamports: number): unknown {
  return {
    data: [data.toString('base64'), 'base64'],
    executable: false,
    lamports,
    owner: TOKEN_PROGRAM,
    rentEpoch: 0,
    space: data.length,
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
