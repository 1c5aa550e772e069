import type { Hex } from 'viem'
import {
  hashMessage,
  isAddressEqual,
  isErc6492Signature,
  isHex,
  parseErc6492Signature,
  recoverMessageAddress,
} from 'viem'
import type { ContractWallet } from '../ContractWallet'
import type { EvmChain } from './evmChain'

const EOA_SIGNATURE = /^0x[0-9a-fA-F]{130}$/

/**
 * Whether `address` signed `message` (EIP-191), or its contract says so: one that is deployed
 * (EIP-1271), or one that the signature says how to deploy (ERC-6492).
 */
export async function verifyEvmSignature(
  chain: EvmChain,
  address: Hex,
  message: string,
  signature: string,
): Promise<boolean> {
  if (!isHex(signature)) return false
  try {
    const { contract, inner } = contractOf(chain, address, signature)
    if (contract) return await contract(hashMessage(message), inner)
    if (!EOA_SIGNATURE.test(inner)) return false
    return isAddressEqual(await recoverMessageAddress({ message, signature: inner }), address)
  } catch {
    // No point on the curve, or bytes that are no wrapped signature: not a signature of anyone.
    return false
  }
}

function contractOf(
  chain: EvmChain,
  address: Hex,
  signature: Hex,
): { readonly contract: ContractWallet | undefined; readonly inner: Hex } {
  const deployed = chain.contractAt(address)
  if (!isErc6492Signature(signature)) return { contract: deployed, inner: signature }
  const { address: factory, data, signature: inner } = parseErc6492Signature(signature)
  if (deployed) return { contract: deployed, inner }
  const made = factory && data && chain.factoryAt(factory)?.(data)
  if (!made || !isAddressEqual(made.address, address))
    return { contract: undefined, inner: signature }
  return { contract: made.wallet, inner }
}
