import type { Address } from '@solana/kit'
import {
  generateKeyPair,
  getAddressFromPublicKey,
  getBase58Decoder,
  getBase64EncodedWireTransaction,
  getBase64Encoder,
  getTransactionDecoder,
  signBytes,
} from '@solana/kit'
import type { FacilitatorSvmSigner } from '@x402/svm'
import type { SolanaTransfer } from '../solanaTransfer'
import { readSolanaTransfer } from '../solanaTransfer'
import type { SolanaChain } from './solanaChain'

/** The facilitator's own key: it pays fees and co-signs as the first signer. */
export interface FeePayer {
  readonly address: Address
  readonly keys: CryptoKeyPair
}

/** A fee payer with a new key. */
export async function createFeePayer(): Promise<FeePayer> {
  const keys = await generateKeyPair()
  return { keys, address: await getAddressFromPublicKey(keys.publicKey) }
}

/** The chain as the official facilitator's scheme for Solana wants to see it. */
export function createSolanaFacilitatorSigner(
  chain: SolanaChain,
  feePayer: FeePayer,
): FacilitatorSvmSigner {
  return {
    getAddresses: () => [feePayer.address],
    signTransaction: async (base64) => {
      const transaction = decode(base64)
      const signature = await signBytes(feePayer.keys.privateKey, transaction.messageBytes)
      return getBase64EncodedWireTransaction({
        ...transaction,
        signatures: { ...transaction.signatures, [feePayer.address]: signature },
      })
    },
    simulateTransaction: async (base64) => chain.assertTransferable(read(base64)),
    sendTransaction: async (base64) => {
      const signature = decode(base64).signatures[feePayer.address]
      if (!signature) throw new Error('the fee payer has not signed')
      const id = getBase58Decoder().decode(signature)
      await chain.submit(id, read(base64))
      return id
    },
    confirmTransaction: async (signature) => {
      if (!chain.receiptOf(signature)) throw new Error('the transaction has not landed')
    },
  }
}

const decode = (base64: string) => getTransactionDecoder().decode(getBase64Encoder().encode(base64))

function read(base64: string): SolanaTransfer {
  const transfer = readSolanaTransfer(base64)
  if (!transfer) throw new Error('the transaction could not be read')
  return transfer
}
