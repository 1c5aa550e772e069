import { isAddress } from '@solana/kit'
import { GatewayConfigError } from '../../GatewayConfigError'
import type { Request } from '../jsonRpc'
import type { LocalNode, LocalTransfer } from '../LocalNode'

/** A local Solana chain, in this process or in another one. */
export interface SolanaNode extends LocalNode {
  readonly request: Request
  /** Gives an address SOL enough for the fees of many transactions. */
  fundFees(address: string): Promise<void>
  /** Makes an address's USDC this much, without a transaction where that is less than it has. */
  setBalance(address: string, amount: bigint): Promise<void>
  /** Lands a transaction (base64), past all that is to befall the next broadcast; its id. */
  land(transaction: string): Promise<string>
  /** Whether a transaction is in a block, and did what it was for or failed there. */
  landed(id: string): Promise<'done' | 'failed' | 'no'>
  /** Follows a clock that is so many milliseconds ahead of the host's. */
  follow(offset: number): void
  /** A blockhash to pay with, where the chain is in this process. */
  blockhash?(): BlockhashHint
  /** Undoes everything since it started, gifts included. */
  reset(): Promise<void>
  /** Resolves once it knows of everything that it was told. */
  told(): Promise<void>
}

/** What an offer may say of the blockhash to pay it with. */
export interface BlockhashHint {
  readonly recentBlockhash: string
  readonly lastValidBlockHeight: string
}

/** What a payer of fees is given: a hundred thousand payments' worth. */
const FEE_LAMPORTS = 1_000_000_000

/** The node that answers `request`. */
export function createSolanaNode(
  url: string,
  request: Request,
  close: () => Promise<void>,
): SolanaNode {
  let last: Promise<unknown> = Promise.resolve()
  let untold: unknown
  // In their order: what the next transaction meets with is told before it is sent.
  const tell = (method: string, params: readonly unknown[] = []) => {
    last = last
      .then(() => request(method, params))
      .catch((error: unknown) => {
        untold ??= error
      })
  }
  const told = async () => {
    await last
    const error = untold
    untold = undefined
    if (error !== undefined) throw error
  }
  const ask = async (method: string, params: readonly unknown[] = []) => {
    await told()
    return request(method, params)
  }
  const about = (address: string) => {
    if (isAddress(address)) return address
    throw new GatewayConfigError(`not a Solana address: '${address}'`)
  }
  return {
    url,
    request,
    told,
    close,
    faucet: async (owner, amount) => {
      await ask('local_faucet', [about(owner), String(amount)])
    },
    fundFees: async (address) => {
      await ask('requestAirdrop', [about(address), FEE_LAMPORTS])
    },
    balanceOf: async (owner) => BigInt(String(await ask('local_balanceOf', [about(owner)]))),
    setBalance: async (owner, amount) => {
      await ask('local_setBalance', [about(owner), String(amount)])
    },
    height: async () => BigInt(Number(await ask('getSlot', [{ commitment: 'processed' }]))),
    transfers: async () => {
      const landed = (await ask('local_transfers')) as readonly WrittenTransfer[] // Ours.
      return landed.map((one) => ({
        ...one,
        amount: BigInt(one.amount),
        height: BigInt(one.height),
      }))
    },
    land: async (transaction) => String(await ask('local_land', [transaction])),
    landed: async (id) => {
      const answer = await ask('local_landed', [id])
      return answer === 'done' || answer === 'failed' ? answer : 'no'
    },
    holdNext: (dueAt) => tell('local_holdNext', [dueAt ?? null]),
    dropNext: () => tell('local_dropNext'),
    setFinality: (slots) => tell('local_setFinality', [slots]),
    follow: (offset) => tell('local_follow', [offset]),
    advance: async (slots) => {
      await ask('local_advance', [slots])
    },
    reorg: async (slots, dueAt) => {
      await ask('local_reorg', [slots, dueAt ?? null])
    },
    reset: async () => {
      await ask('local_reset')
    },
  }
}

type WrittenTransfer = Omit<LocalTransfer, 'amount' | 'height'> & {
  readonly amount: string
  readonly height: string
}
