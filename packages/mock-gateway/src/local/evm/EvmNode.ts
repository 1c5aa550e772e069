import type { Hex } from 'viem'
import type { Request } from '../jsonRpc'
import type { LocalNode } from '../LocalNode'

/** What the facilitator has landed. */
export interface Call {
  readonly to: Hex
  readonly data: Hex
}

/** A local EVM chain, and the account by which the gateway has calls landed on it. */
export interface EvmNode extends LocalNode {
  readonly request: Request
  /** The facilitator's address. */
  readonly relayer: Hex
  /** Broadcasts a call, as the facilitator; the transaction's hash, whatever becomes of it. */
  broadcast(call: Call): Promise<Hex>
  /** The same from an address of its own, past all that is to befall the next broadcast. */
  broadcastAsStranger(call: Call): Promise<Hex>
  /** A receipt, of what took its place where it was replaced. Undefined while it has not landed. */
  receiptOf(hash: string): Promise<EvmReceipt | undefined>
  /** Whether a transaction is in no block and nowhere on its way to one. */
  isAside(hash: string): boolean
  /** Makes the USDC of an address this much, without a transaction. */
  setBalance(address: string, amount: bigint): Promise<void>
  /** Transfers USDC of an address that nobody has to sign for; the transaction. */
  transfer(from: string, to: string, amount: bigint): Promise<Hex>
  /** Undoes everything since it was made. */
  reset(): Promise<void>
  /** Has a block that is not long ago, by a clock that is so many milliseconds ahead of the host's. */
  follow(offset: number): Promise<void>
  /** The block that `safe` and `finalized` stand for. */
  finalized(): Promise<bigint>
}

/** As the node has it. */
export interface EvmReceipt {
  readonly status: Hex
  readonly transactionHash: Hex
  readonly blockNumber: Hex
  readonly logs: readonly {
    readonly address: Hex
    readonly topics: readonly Hex[]
    readonly data: Hex
  }[]
}
