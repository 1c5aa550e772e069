import type { SchemeNetworkFacilitator } from '@x402/core/types'
import type { GatewayClock } from '../clock'
import type { LocalNode, LocalTransfer } from '../local/LocalNode'
import type { Network } from '../networks'
import type { Payment } from '../payments/decodePayment'
import type { ContractWallet, WalletFactory } from './ContractWallet'

/** One network as the gateway uses it: a stub in memory, or a chain that runs on this machine. Money in atomic units. */
export interface Chain {
  readonly network: Network
  /** What runs it, where it is a local chain: the faults that only such a chain can have are struck there. */
  readonly node?: LocalNode
  /** The official facilitator's scheme, which verifies and settles on this chain. */
  readonly scheme: SchemeNetworkFacilitator
  /** Runs `verdict` on a payment's payload as the scheme is to see it: on the host's clock. */
  present<T>(
    payment: Payment,
    verdict: (payload: Record<string, unknown>) => Promise<T>,
  ): Promise<T>
  /** `extra` of its offers. */
  offerExtra(): Readonly<Record<string, unknown>>
  /** One JSON-RPC call. Throws RpcError. */
  rpc(method: string, params: readonly unknown[]): Promise<unknown>
  balanceOf(address: string): Promise<bigint>
  setBalance(address: string, amount: bigint): Promise<void>
  /** Transfers of USDC that landed, oldest first, as far as they are kept. */
  transfers(): Promise<readonly LocalTransfer[]>
  /** Somebody else broadcasts a payment that was verified; the transaction. */
  submitAsStranger(payment: Payment): Promise<string>
  /** Pays back what the gateway was paid; the transaction. Rejects with what the chain says, and where it cannot. */
  giveBack(from: string, to: string, amount: bigint): Promise<string>
  /** Whether a wallet, whose address is one of the network, signed the message of a sign-in. */
  isSigned(address: string, message: string, signature: string): Promise<boolean>
  /** Keeps the next transaction back until `dueAt` (milliseconds by the gateway's clock), or until told to advance. */
  holdNext(dueAt: number | undefined): void
  /** Whether a transaction has landed, as far as was known at the last `catchUp`. */
  hasLanded(transaction: string): boolean
  /** Learns what has landed of what was asked for. */
  catchUp(): Promise<void>
  /** Adds blocks, at the gateway's time, and lands whatever was held. */
  advance(blocks: number): Promise<void>
  /** Puts a contract wallet on it. Throws GatewayConfigError where it has none. */
  deployWallet(address: string, wallet: ContractWallet): void
  /** Puts a factory of contract wallets on it, which the facilitator trusts. Throws GatewayConfigError likewise. */
  deployFactory(address: string, factory: WalletFactory): void
  reset(): Promise<void>
  /** What a file keeps: not what is held back, and no contract wallets. */
  save(): unknown
  /** Brings it to where `save` left it. */
  load(saved: unknown): void
  close(): Promise<void>
}

/** What a chain is opened for. */
export interface ChainGround {
  readonly clock: GatewayClock
  /** Where the gateway is paid. */
  readonly payTo: string
  /** What wallets hold at first. */
  readonly balances: 'unlimited' | ReadonlyMap<string, bigint>
  /** Whether the gateway's own books are kept for its next start. */
  readonly books: 'kept' | 'forgotten'
  /** How many transfers are kept in lists. */
  readonly history: number
}

/** Where a gateway has its chains from. */
export interface ChainSource {
  /** Opens the chain of a network for one gateway, which closes it. */
  open(network: Network, ground: ChainGround): Promise<Chain>
}
