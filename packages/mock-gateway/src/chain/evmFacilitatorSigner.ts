import type { FacilitatorEvmSigner } from '@x402/evm'
import type { Hex } from 'viem'
import { isAddressEqual, recoverAddress } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { evmCall } from './evmCall'
import type { Authorization, EvmChain } from './evmChain'

/** An authorization under the times the official facilitator is shown, and under its own. */
export interface Presented {
  readonly shown: Authorization
  readonly shownDigest: Hex
  readonly signed: Authorization
  readonly signedDigest: Hex
}

/** The chain as the official facilitator's scheme for EVM wants to see it. */
export interface EvmFacilitatorSigner extends FacilitatorEvmSigner {
  /**
   * The official scheme reads the host's clock. When the gateway's differs, the scheme is shown
   * times moved to the host's clock, and signatures are checked here against what was signed.
   */
  present(presented: Presented): void
  forget(presented: Presented): void
}

const HAS_CODE: Hex = '0x01'
const NO_CODE: Hex = '0x'
const MAGIC: Hex = '0x1626ba7e'

/** A facilitator signer over one stub chain. */
export function createEvmFacilitatorSigner(chain: EvmChain): EvmFacilitatorSigner {
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

  return {
    getAddresses: () => [address],
    getCode: async ({ address: at }) => {
      if (isAddressEqual(at, chain.network.asset) || chain.contractAt(at)) return HAS_CODE
      return [...presented].some(({ signed }) => isAddressEqual(signed.from, at))
        ? HAS_CODE
        : NO_CODE
    },
    readContract: async ({ address: at, functionName, args = [] }) => {
      switch (functionName) {
        case 'transferWithAuthorization':
          return chain.assertTransferable(signedOf(toAuthorization(args)))
        case 'isValidSignature': {
          const [digest, signature] = args as readonly [Hex, Hex]
          return (await isValid(at, digest, signature)) ? MAGIC : '0xffffffff'
        }
        case 'tryAggregate':
          return (args[1] as readonly { target: Hex; callData: Hex }[]).map((call) =>
            attempt(chain, call.target, call.callData),
          )
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
      return chain.submit(signedOf(toAuthorization(args)))
    },
    sendTransaction: async () => {
      throw new Error('the stub chain takes no raw transactions')
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

function attempt(chain: EvmChain, to: Hex, data: Hex): { success: boolean; returnData: Hex } {
  try {
    return { success: true, returnData: evmCall(chain, to, data) }
  } catch {
    // tryAggregate reports a reverted call in place of throwing.
    return { success: false, returnData: NO_CODE }
  }
}
