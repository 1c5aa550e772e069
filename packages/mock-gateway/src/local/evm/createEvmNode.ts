import type { Hex } from 'viem'
import { encodeAbiParameters, encodeFunctionData, keccak256, numberToHex, parseAbi } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { createLines } from '../../lines'
import type { EvmNetwork } from '../../networks'
import { jsonRpc } from '../jsonRpc'
import type { Call, EvmNode, EvmReceipt } from './EvmNode'
import { createGate } from './gate'
import { MINTER } from './installUsdc'
import { readTransfers } from './readTransfers'
import { transactionsFrom } from './transactionsFrom'

/** Broadcast, and in no block. */
interface Aside {
  readonly from: string
  readonly raw: Hex
  readonly timer?: NodeJS.Timeout
}

type Fate =
  | { readonly kind: 'hold'; readonly dueAt: number | undefined }
  | { readonly kind: 'drop' | 'replace' }

const tokenAbi = parseAbi([
  'function mint(address to, uint256 amount)',
  'function transfer(address to, uint256 amount)',
  'function balanceOf(address account) view returns (uint256)',
])
/** Of FiatToken's storage: balances, with a bit for whether an address is blocked. */
const BALANCES_SLOT = 9n
const ETHER = numberToHex(10n ** 24n)
const GAS = 3_000_000n
const FEE = 10n ** 10n
/** Clocks that differ by less are one. */
const SAME_CLOCK_MS = 500
/** Calls are answered as of the latest block: when it is older than this, there is a new one first. */
const BLOCK_MS = 2_000
/** How often a receipt is asked for, 5 ms apart. */
const SETTLE_TRIES = 400

/** The chain at `url`, where USDC is installed; `end` ends the process that runs it. */
export async function createEvmNode(
  url: string,
  network: EvmNetwork,
  end: () => Promise<void>,
): Promise<EvmNode> {
  const request = jsonRpc(url)
  const account = privateKeyToAccount(generatePrivateKey())
  await request('anvil_setBalance', [account.address, ETHER])
  let snapshot = await request('evm_snapshot')
  let nonce = 0
  let finality = 0
  let offset = 0
  let minedAt = Date.now()
  const fates: Fate[] = []
  const aside = new Map<string, Aside>()
  const dropped = new Set<string>()
  const replaced = new Map<string, Hex>()

  const sign = (signer: typeof account, call: Call, nonceOfIt: number, fee = FEE) =>
    signer.signTransaction({
      type: 'eip1559',
      chainId: network.chainId,
      nonce: nonceOfIt,
      gas: GAS,
      maxFeePerGas: fee,
      maxPriorityFeePerGas: fee,
      ...call,
    })
  const gate = createGate()
  /** Who asks while blocks are undone is answered once what is on the chain is there again. */
  const ask: typeof request = (method, params) => gate.pass(() => request(method, params))
  const send = (from: string, raw: Hex) =>
    gate.pass(async () => {
      // In one pass: a block that is undone takes its ether along.
      if (from !== account.address) await request('anvil_setBalance', [from, ETHER])
      await request('eth_sendRawTransaction', [raw])
    })
  /** An account of its own has nothing queue behind what it never lands. */
  const stranger = () => privateKeyToAccount(generatePrivateKey())
  const land = async (hash: string) => {
    const kept = aside.get(hash)
    if (!kept) return
    clearTimeout(kept.timer)
    aside.delete(hash)
    try {
      await send(kept.from, kept.raw)
    } catch (error) {
      // It was still in the pool, and has landed with others.
      if (!(await request('eth_getTransactionReceipt', [hash]))) throw error
    }
    await settled(hash)
  }
  const keep = (hash: string, from: string, raw: Hex, dueAt: number | undefined) => {
    const late = () => {
      land(hash).catch((error: unknown) => process.emitWarning(String(error)))
    }
    const timer =
      dueAt === undefined
        ? {}
        : { timer: setTimeout(late, Math.max(0, dueAt - Date.now())).unref() }
    aside.set(hash, { from, raw, ...timer })
  }
  /** Mining follows a broadcast at once, and not before its answer. */
  const settled = async (hash: string) => {
    for (let tries = 0; tries < SETTLE_TRIES; tries += 1) {
      if (await request('eth_getTransactionReceipt', [hash])) return
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  const landAll = () => Promise.all([...aside.keys()].map(land))
  const act = async (from: string, data: Hex): Promise<Hex> => {
    const gas = numberToHex(GAS)
    const hash = await request('eth_sendTransaction', [{ from, to: network.asset, gas, data }])
    await settled(String(hash))
    return hash as Hex // A node's own.
  }
  // The node counts nonces of what it has mined: one after the other.
  const inLine = createLines()
  const inTurn = <T>(run: () => Promise<T>) => inLine('acts', run)
  const height = async () => BigInt(String(await request('eth_blockNumber')))
  const mint = (to: string, amount: bigint) =>
    inTurn(() =>
      act(
        MINTER,
        encodeFunctionData({ abi: tokenAbi, functionName: 'mint', args: [to as Hex, amount] }),
      ),
    )
  const mine = (blocks: number) => ask('anvil_mine', [numberToHex(blocks)])
  const follow: EvmNode['follow'] = async (wanted) => {
    const isSame = Math.abs(wanted - offset) < SAME_CLOCK_MS // Not so after a reset.
    if (isSame && Date.now() - minedAt < BLOCK_MS) return
    minedAt = Date.now()
    if (!isSame) {
      offset = wanted
      await ask('anvil_setTime', [Math.floor((Date.now() + offset) / 1000)])
    }
    await mine(1)
  }

  return {
    url,
    request: ask,
    relayer: account.address,
    broadcast: async (call) => {
      const fate = fates.shift()
      if (!fate) {
        const mineOwn = nonce
        nonce += 1
        const raw = await sign(account, call, mineOwn)
        await send(account.address, raw)
        return keccak256(raw)
      }
      const other = stranger()
      const raw = await sign(other, call, 0)
      const hash = keccak256(raw)
      if (fate.kind === 'hold') keep(hash, other.address, raw, fate.dueAt)
      else if (fate.kind === 'drop') dropped.add(hash)
      else {
        const dearer = await sign(other, call, 0, FEE * 2n)
        replaced.set(hash, keccak256(dearer))
        await send(other.address, dearer)
      }
      return hash
    },
    broadcastAsStranger: async (call) => {
      const other = stranger()
      const raw = await sign(other, call, 0)
      await send(other.address, raw)
      await settled(keccak256(raw))
      return keccak256(raw)
    },
    receiptOf: async (hash) => {
      const receipt = await ask('eth_getTransactionReceipt', [replaced.get(hash) ?? hash])
      return receipt ? (receipt as EvmReceipt) : undefined // A node's own.
    },
    isAside: (hash) => aside.has(hash) || dropped.has(hash),
    faucet: async (address, amount) => {
      await mint(address, amount)
    },
    balanceOf: async (address) => {
      const args = [address as Hex] as const
      const data = encodeFunctionData({ abi: tokenAbi, functionName: 'balanceOf', args })
      return BigInt(String(await ask('eth_call', [{ to: network.asset, data }, 'latest'])))
    },
    setBalance: async (address, amount) => {
      const place = encodeAbiParameters(
        [{ type: 'address' }, { type: 'uint256' }],
        [address as Hex, BALANCES_SLOT],
      )
      const value = numberToHex(amount, { size: 32 })
      await ask('anvil_setStorageAt', [network.asset, keccak256(place), value])
    },
    transfer: (from, to, amount) =>
      inTurn(async () => {
        await request('anvil_setBalance', [from, ETHER])
        const args = [to as Hex, amount] as const
        return act(from, encodeFunctionData({ abi: tokenAbi, functionName: 'transfer', args }))
      }),
    height,
    transfers: () => readTransfers(ask, network.asset),
    holdNext: (dueAt) => fates.push({ kind: 'hold', dueAt }),
    dropNext: () => fates.push({ kind: 'drop' }),
    replaceNext: () => fates.push({ kind: 'replace' }),
    advance: async (blocks) => {
      await landAll()
      if (blocks > 0) await mine(blocks)
    },
    reorg: (blocks, dueAt) =>
      inTurn(() =>
        // What is broadcast meanwhile would be undone without a trace, or be dropped for its nonce.
        gate.alone(async () => {
          const block = numberToHex((await height()) + 1n)
          await request('anvil_mine', ['0x1'])
          const { transactions } = (await request('eth_getBlockByNumber', [block, false])) as {
            transactions: readonly unknown[]
          }
          // What was on its way is in it, and is undone with the others; an empty one is not counted.
          const depth = blocks + (transactions.length === 0 ? 1 : 0)
          const first = (await height()) - BigInt(depth) + 1n
          const undone = await transactionsFrom(request, first < 1n ? 1n : first)
          await request('anvil_rollback', [depth])
          for (const { hash, from, input, raw } of undone) {
            if (from.toLowerCase() === MINTER) await act(MINTER, input)
            else keep(hash, from, raw, dueAt)
          }
        }),
      ),
    setFinality: (blocks) => {
      finality = blocks
    },
    finalized: async () => {
      const block = (await height()) - BigInt(finality)
      return block < 0n ? 0n : block
    },
    follow,
    reset: async () => {
      for (const { timer } of aside.values()) clearTimeout(timer)
      aside.clear()
      dropped.clear()
      replaced.clear()
      fates.length = 0
      await request('evm_revert', [snapshot])
      snapshot = await request('evm_snapshot')
      nonce = 0
      offset = Number.NaN
    },
    close: async () => {
      for (const { timer } of aside.values()) clearTimeout(timer)
      await end()
    },
  }
}
