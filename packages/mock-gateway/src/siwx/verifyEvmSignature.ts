import { hashMessage, isAddressEqual, isHex, recoverMessageAddress } from 'viem'
import type { ContractWallet } from '../chain/evmChain'

const EOA_SIGNATURE = /^0x[0-9a-fA-F]{130}$/

/** Whether `address` signed `message` (EIP-191), or its contract says so (EIP-1271). */
export async function verifyEvmSignature(
  address: `0x${string}`,
  message: string,
  signature: string,
  contract: ContractWallet | undefined,
): Promise<boolean> {
  if (!isHex(signature)) return false
  if (contract) return contract(hashMessage(message), signature)
  if (!EOA_SIGNATURE.test(signature)) return false
  try {
    return isAddressEqual(await recoverMessageAddress({ message, signature }), address)
  } catch {
    // No point on the curve: not a signature of anyone.
    return false
  }
}
