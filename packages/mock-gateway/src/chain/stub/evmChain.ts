import type { Hex } from 'viem'
import { decodeEventLog, encodeAbiParameters, encodeEventTopics, keccak256, toHex } from 'viem'
import type { GatewayClock } from '../../clock'
import { createFading } from '../../fading'
import { createHistory } from '../../history'
import type { LocalTransfer } from '../../local/LocalNode'
import type { EvmNetwork } from '../../networks'
import type { Authorization } from '../Authorization'
import type { ContractWallet, WalletFactory } from '../ContractWallet'
import { usdcAbi } from '../usdcAbi'
import type { Balances, SavedBalances } from './balances'
import { createPending } from './Pending'

/** A log of a landed transfer. */
export interface TransferLog {
  readonly address: Hex
  readonly topics: [Hex, ...Hex[]]
  readonly data: Hex
}

/** A transfer that landed. */
export interface EvmReceipt {
  readonly hash: Hex
  readonly blockNumber: bigint
  readonly logs: readonly TransferLog[]
}

/** One EVM network reduced to USDC: balances, used authorizations, blocks. */
export interface EvmChain {
  readonly network: EvmNetwork
  readonly balances: Balances
  blockNumber(): bigint
  /** Timestamp of the latest block in seconds. */
  timestamp(): bigint
  authorizationUsed(from: string, nonce: string): boolean
  /** Throws the contract's own message when the transfer would revert now. */
  assertTransferable(authorization: Authorization): void
  /** Broadcasts a transfer: it lands at once unless it was told to be held. */
  submit(authorization: Authorization): Hex
  receiptOf(hash: string): EvmReceipt | undefined
  /** Oldest first. */
  transfers(): readonly LocalTransfer[]
  holdNext(dueAt: number | undefined): void
  /** Adds blocks and lands whatever was held. */
  advance(blocks: number): void
  contractAt(address: string): ContractWallet | undefined
  deploy(address: string, wallet: ContractWallet): void
  /** Where there are factories, in lower case; grows as they are added. */
  readonly factories: string[]
  factoryAt(address: string): WalletFactory | undefined
  addFactory(address: string, factory: WalletFactory): void
  /** Calls a factory: what it deploys is there from now on. Throws where it reverts. */
  callFactory(address: string, data: Hex): Hex
  reset(): void
  /** What a file keeps: not what is held back, and no contract wallets. */
  save(): SavedEvmChain
  load(saved: SavedEvmChain): void
}

/** An EVM chain as it is kept in a file. */
export interface SavedEvmChain {
  readonly balances: SavedBalances
  readonly used: readonly (readonly [key: string, validBefore: bigint])[]
  readonly receipts: readonly EvmReceipt[]
  readonly startedAt: number
  readonly extraBlocks: bigint
}

const BLOCK_MS = 2000
const FIRST_BLOCK = 1_000_000n

/** A chain whose blocks follow the clock, two seconds each, and which keeps the last `history` receipts. */
export function createEvmChain(
  network: EvmNetwork,
  balances: Balances,
  clock: GatewayClock,
  history: number,
): EvmChain {
  // What has expired cannot land again, used or not.
  const used = createFading<bigint>(history, (validBefore) => validBefore <= timestamp())
  const receipts = new Map<string, EvmReceipt>()
  const hashes = createHistory<string>(history, (hash) => receipts.delete(hash))
  const keep = (receipt: EvmReceipt) => {
    receipts.set(receipt.hash, receipt)
    hashes.add(receipt.hash)
  }
  const contracts = new Map<string, ContractWallet>()
  const factories = new Map<string, WalletFactory>()
  const factoryAddresses: string[] = []
  let startedAt = clock.now()
  let extraBlocks = 0n
  let sent = 0

  const blockNumber = () =>
    FIRST_BLOCK + BigInt(Math.floor((clock.now() - startedAt) / BLOCK_MS)) + extraBlocks
  const timestamp = () => BigInt(Math.floor(clock.now() / 1000))
  const usedKey = (from: string, nonce: string) => `${from}:${nonce}`.toLowerCase()
  const assertLandable = (transfer: Authorization) => {
    if (timestamp() <= transfer.validAfter) {
      throw new Error('FiatTokenV2: authorization is not yet valid')
    }
    if (timestamp() >= transfer.validBefore) {
      throw new Error('FiatTokenV2: authorization is expired')
    }
    if (used.has(usedKey(transfer.from, transfer.nonce))) {
      throw new Error('FiatTokenV2: authorization is used or canceled')
    }
    if (balances.of(transfer.from) < transfer.value) {
      throw new Error('ERC20: transfer amount exceeds balance')
    }
  }
  const land = (hash: Hex, transfer: Authorization) => {
    assertLandable(transfer)
    used.set(usedKey(transfer.from, transfer.nonce), transfer.validBefore)
    balances.move(transfer.from, transfer.to, transfer.value)
    keep({ hash, blockNumber: blockNumber(), logs: logsOf(network, transfer) })
  }
  const pending = createPending<{ hash: Hex; transfer: Authorization }>(({ hash, transfer }) => {
    try {
      land(hash, transfer)
    } catch {
      // It reverted: a held transfer that can no longer land leaves no trace but a missing receipt.
    }
  })
  const catchUp = () => pending.land('due', clock.now())

  return {
    network,
    balances,
    blockNumber,
    timestamp,
    authorizationUsed: (from, nonce) => {
      catchUp()
      return used.has(usedKey(from, nonce))
    },
    assertTransferable: (transfer) => {
      catchUp()
      assertLandable(transfer)
    },
    submit: (transfer) => {
      catchUp()
      sent += 1
      const hash = keccak256(toHex(`${network.id}:${transfer.from}:${transfer.nonce}:${sent}`))
      if (pending.keep({ hash, transfer }) === 'land now') land(hash, transfer)
      return hash
    },
    receiptOf: (hash) => {
      catchUp()
      return receipts.get(hash.toLowerCase())
    },
    transfers: () => {
      catchUp()
      return [...receipts.values()].flatMap(transfersIn)
    },
    holdNext: pending.holdNext,
    advance: (blocks) => {
      extraBlocks += BigInt(blocks)
      pending.land('all', clock.now())
    },
    contractAt: (address) => contracts.get(address.toLowerCase()),
    deploy: (address, wallet) => contracts.set(address.toLowerCase(), wallet),
    factories: factoryAddresses,
    factoryAt: (address) => factories.get(address.toLowerCase()),
    addFactory: (address, factory) => {
      factories.set(address.toLowerCase(), factory)
      factoryAddresses.push(address.toLowerCase())
    },
    callFactory: (address, data) => {
      const deployed = factories.get(address.toLowerCase())?.(data)
      if (!deployed) throw new Error('execution reverted')
      contracts.set(deployed.address.toLowerCase(), deployed.wallet)
      sent += 1
      const hash = keccak256(toHex(`${network.id}:${address}:${data}:${sent}`))
      keep({ hash, blockNumber: blockNumber(), logs: [] })
      return hash
    },
    reset: () => {
      used.clear()
      receipts.clear()
      hashes.clear()
      pending.reset()
      balances.reset()
    },
    save: () => ({
      balances: balances.save(),
      used: used.entries(),
      receipts: [...receipts.values()],
      startedAt,
      extraBlocks,
    }),
    load: (saved) => {
      balances.load(saved.balances)
      for (const [key, validBefore] of saved.used) used.set(key, validBefore)
      for (const receipt of saved.receipts) keep(receipt)
      startedAt = saved.startedAt
      extraBlocks = saved.extraBlocks
    },
  }
}

function logsOf(network: EvmNetwork, transfer: Authorization): TransferLog[] {
  const { from, to, value, nonce } = transfer
  return [
    {
      address: network.asset,
      topics: topics(
        encodeEventTopics({
          abi: usdcAbi,
          eventName: 'AuthorizationUsed',
          args: { authorizer: from, nonce },
        }),
      ),
      data: '0x',
    },
    {
      address: network.asset,
      topics: topics(
        encodeEventTopics({ abi: usdcAbi, eventName: 'Transfer', args: { from, to } }),
      ),
      data: encodeAbiParameters([{ type: 'uint256' }], [value]),
    },
  ]
}

/** The transfer that a receipt tells of; that of a deployment tells of none. */
function transfersIn({ hash, blockNumber, logs }: EvmReceipt): LocalTransfer[] {
  const [used, moved] = logs
  if (!used || !moved) return []
  const { args: by } = decodeEventLog({ abi: usdcAbi, eventName: 'AuthorizationUsed', ...used })
  const { args } = decodeEventLog({ abi: usdcAbi, eventName: 'Transfer', ...moved })
  const { from, to, value } = args
  return [{ transaction: hash, from, to, amount: value, height: blockNumber, nonce: by.nonce }]
}

function topics(encoded: readonly (Hex | Hex[] | null)[]): [Hex, ...Hex[]] {
  const [first, ...rest] = encoded.filter((topic): topic is Hex => typeof topic === 'string')
  if (first === undefined) throw new Error('an event has at least one topic')
  return [first, ...rest]
}
