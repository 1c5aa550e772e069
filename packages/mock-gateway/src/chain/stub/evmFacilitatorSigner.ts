import type { Hex } from 'viem'
import { decodeFunctionData, isAddressEqual, recoverAddress } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import type { Authorization } from '../Authorization'
import type { ContractWallet } from '../ContractWallet'
import type { ClockedSigner, Presented } from '../shownToHost'
import { transferAbi } from '../transferAbi'
import { transferDigest } from '../transferDigest'
import { evmCall } from './evmCall'
import type { EvmChain } from './evmChain'

const HAS_CODE: Hex = '0x01'
const NO_CODE: Hex = '0x'
const MAGIC: Hex = '0x1626ba7e'

/** One stub chain as the official facilitator's scheme for EVM wants to see it. */
export function createEvmFacilitatorSigner(chain: EvmChain): ClockedSigner {
  const { address } = privateKeyToAccount(generatePrivateKey())
  const presented = new Set<Presented>()

  const signedOf = (shown: Authorization): Authorization =>
    [...presented].find((entry) => sameAuthorization(entry.shown, shown))?.signed ?? shown

  const isValid = async (wallet: Hex, digest: Hex, signature: Hex): Promise<boolean> => {
    const entry = [...presented].find(({ shownDigest }) => shownDigest === digest)
    const real = entry?.signedDigest ?? digest
    const contract = chain.contractAt(wallet)
    if (contract) return contract(real, signature)
    if (!entry || signature.length !== 132) return false
    return isAddressEqual(await recoverAddress({ hash: real, signature }), wallet)
  }

  // The times may be shown, the signature is of those that were signed.
  const assertTransfer = async (args: readonly unknown[], wallet?: ContractWallet) => {
    const transfer = signedOf(toAuthorization(args))
    chain.assertTransferable(transfer)
    if (args.length !== 7) return transfer
    const contract = wallet ?? chain.contractAt(transfer.from)
    const signature = args[6] as Hex // bytes, by the ABI above or the facilitator's own
    if (!(await contract?.(transferDigest(transfer, chain.network), signature))) {
      throw new Error('FiatTokenV2: invalid signature')
    }
    return transfer
  }

  // One eth_call: what a call of it deploys is there for the calls after it, and gone at its end.
  const aggregate = async (calls: readonly Call[]): Promise<Result[]> => {
    const deployed = new Map<string, ContractWallet>()
    const run = async ({ target, callData }: Call): Promise<Hex> => {
      const factory = chain.factoryAt(target)
      if (factory) {
        const made = factory(callData)
        if (!made) throw new Error('execution reverted')
        deployed.set(made.address.toLowerCase(), made.wallet)
        return NO_CODE
      }
      const transfer = asTransfer(callData)
      if (!transfer) return evmCall(chain, target, callData)
      await assertTransfer(transfer, deployed.get(String(transfer[0]).toLowerCase()))
      return NO_CODE
    }
    const results: Result[] = []
    for (const call of calls) results.push(await attempt(() => run(call)))
    return results
  }

  return {
    getAddresses: () => [address],
    getCode: async ({ address: at }) => {
      if (isAddressEqual(at, chain.network.asset) || chain.contractAt(at)) return HAS_CODE
      const isShown = [...presented].some(
        ({ signed, isWrapped }) => !isWrapped && isAddressEqual(signed.from, at),
      )
      return isShown ? HAS_CODE : NO_CODE
    },
    readContract: async ({ address: at, functionName, args = [] }) => {
      switch (functionName) {
        case 'transferWithAuthorization':
          await assertTransfer(args)
          return
        case 'isValidSignature': {
          const [digest, signature] = args as readonly [Hex, Hex]
          return (await isValid(at, digest, signature)) ? MAGIC : '0xffffffff'
        }
        case 'tryAggregate':
          return aggregate(args[1] as readonly Call[]) // Multicall3's own argument
        default:
          throw new Error(`the stub chain has no function ${functionName}`)
      }
    },
    verifyTypedData: async () => {
      throw new Error('the stub chain verifies by digest only')
    },
    writeContract: async ({ functionName, args }) => {
      if (functionName !== 'transferWithAuthorization') {
        throw new Error(`the stub chain has no function ${functionName}`)
      }
      return chain.submit(await assertTransfer(args))
    },
    sendTransaction: async (transaction) => {
      if (typeof transaction !== 'object' || !('to' in transaction)) {
        throw new Error('the stub chain takes calls of a factory only')
      }
      const { to, data } = transaction
      return chain.callFactory(to, data)
    },
    waitForTransactionReceipt: async ({ hash }) => {
      const receipt = chain.receiptOf(hash)
      if (!receipt) throw new Error('the transaction has not landed')
      return {
        status: 'success',
        logs: receipt.logs.map((log, logIndex) => ({
          ...log,
          blockHash: hash,
          blockNumber: receipt.blockNumber,
          blockTimestamp: undefined,
          logIndex,
          transactionHash: hash,
          transactionIndex: 0,
          removed: false,
        })),
      }
    },
    present: (entry) => presented.add(entry),
    forget: (entry) => presented.delete(entry),
  }
}

function toAuthorization(args: readonly unknown[]): Authorization {
  const [from, to, value, validAfter, validBefore, nonce] = args as readonly [
    Hex,
    Hex,
    bigint,
    bigint,
    bigint,
    Hex,
  ]
  return { from, to, value, validAfter, validBefore, nonce }
}

function sameAuthorization(a: Authorization, b: Authorization): boolean {
  return (
    isAddressEqual(a.from, b.from) &&
    a.nonce === b.nonce &&
    a.validBefore === b.validBefore &&
    a.validAfter === b.validAfter
  )
}

type Call = { readonly target: Hex; readonly callData: Hex }
type Result = { readonly success: boolean; readonly returnData: Hex }

async function attempt(run: () => Promise<Hex>): Promise<Result> {
  try {
    return { success: true, returnData: await run() }
  } catch {
    // tryAggregate reports a reverted call in place of throwing.
    return { success: false, returnData: NO_CODE }
  }
}

function asTransfer(data: Hex): readonly unknown[] | undefined {
  try {
    return decodeFunctionData({ abi: transferAbi, data }).args
  } catch {
    return undefined // Another function.
  }
}
