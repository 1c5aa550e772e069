import type { FacilitatorEvmSigner } from '@x402/evm'
import type { Hex } from 'viem'
import { decodeFunctionData, encodeFunctionData, isAddressEqual, recoverAddress } from 'viem'
import type { ClockedSigner, Presented } from '../../chain/shownToHost'
import { transferAbi } from '../../chain/transferAbi'

const HAS_CODE: Hex = '0x01'
const MAGIC: Hex = '0x1626ba7e'

/** Puts the times that were signed back where the official scheme has those it was shown. */
export function onGatewayClock(signer: FacilitatorEvmSigner): ClockedSigner {
  const presented = new Set<Presented>()
  const find = (is: (entry: Presented) => boolean) => [...presented].find(is)

  const signedArgs = (args: readonly unknown[]): readonly unknown[] => {
    const [from, to, value, , , nonce, ...signature] = args
    const entry = find(
      ({ shown }) => isAddressEqual(shown.from, from as Hex) && shown.nonce === nonce,
    )
    if (!entry) return args
    const { validAfter, validBefore } = entry.signed
    return [from, to, value, validAfter, validBefore, nonce, ...signature]
  }
  const signedCall = ({ target, callData }: { target: Hex; callData: Hex }) => {
    try {
      const { args } = decodeFunctionData({ abi: transferAbi, data: callData })
      const signed = signedArgs(args) as typeof args // Only times differ.
      return { target, callData: encodeFunctionData({ abi: transferAbi, args: signed }) }
    } catch {
      return { target, callData } // Another function.
    }
  }
  const isValidSignature: FacilitatorEvmSigner['readContract'] = async (call) => {
    const [digest, signature] = call.args as readonly [Hex, Hex]
    const entry = find(({ shownDigest }) => shownDigest === digest)
    if (!entry) return signer.readContract(call)
    const hash = entry.signedDigest
    const code = await signer.getCode({ address: call.address })
    if (code && code !== '0x') return signer.readContract({ ...call, args: [hash, signature] })
    if (signature.length !== 132) return '0xffffffff'
    return isAddressEqual(await recoverAddress({ hash, signature }), call.address)
      ? MAGIC
      : '0xffffffff'
  }

  return {
    ...signer,
    // The scheme would recover a key's signature by itself, and over what it was shown.
    getCode: async ({ address }) => {
      const entry = find(({ signed }) => isAddressEqual(signed.from, address))
      return entry && !entry.isWrapped ? HAS_CODE : signer.getCode({ address })
    },
    readContract: async (call) => {
      const { functionName, args = [] } = call
      if (presented.size === 0) return signer.readContract(call)
      if (functionName === 'isValidSignature') return isValidSignature(call)
      if (functionName === 'transferWithAuthorization') {
        return signer.readContract({ ...call, args: signedArgs(args) })
      }
      if (functionName !== 'tryAggregate') return signer.readContract(call)
      const [requireSuccess, calls] = args as readonly [
        boolean,
        readonly { target: Hex; callData: Hex }[],
      ]
      return signer.readContract({ ...call, args: [requireSuccess, calls.map(signedCall)] })
    },
    writeContract: (call) => signer.writeContract({ ...call, args: signedArgs(call.args) }),
    present: (entry) => presented.add(entry),
    forget: (entry) => presented.delete(entry),
  }
}
