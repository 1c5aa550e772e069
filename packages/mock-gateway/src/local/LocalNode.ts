/** A chain of one network that runs on this machine, behind JSON-RPC. USDC in atomic units. */
export interface LocalNode {
  /** JSON-RPC over http, on a loopback address. */
  readonly url: string
  /** Adds USDC to an address, and makes the accounts that this needs. */
  faucet(address: string, amount: bigint): Promise<void>
  balanceOf(address: string): Promise<bigint>
  /** The latest block or slot. */
  height(): Promise<bigint>
  /** Transfers of USDC that landed, oldest first, without what the faucet gave. */
  transfers(): Promise<readonly LocalTransfer[]>
  /** The next transaction that is broadcast lands at `dueAt` (milliseconds of the host's clock), or on `advance`. */
  holdNext(dueAt?: number): void
  /** The next transaction that is broadcast is acknowledged and never lands. */
  dropNext(): void
  /** In place of the next transaction that is broadcast another one lands, with its sender's nonce. EVM only. */
  replaceNext?(): void
  /** Adds blocks; whatever was held lands. */
  advance(blocks: number): Promise<void>
  /**
   * Undoes the last blocks. What had landed in them lands again at `dueAt` (milliseconds of the host's clock), or on
   * `advance`; what the faucet gave stays given.
   */
  reorg(blocks: number, dueAt?: number): Promise<void>
  /** What is finalized, and what is safe, trails the latest block by so many. */
  setFinality(blocks: number): void
  /** Ends the process it started, if it started one. */
  close(): Promise<void>
}

/** A transfer of USDC that landed. */
export interface LocalTransfer {
  /** Transaction hash, or Solana signature. */
  readonly transaction: string
  readonly from: string
  readonly to: string
  readonly amount: bigint
  /** Block or slot. */
  readonly height: bigint
  /** EIP-3009 nonce, where one was used. */
  readonly nonce?: string
}
