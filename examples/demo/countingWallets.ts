import { generateKeyPairSigner } from '@solana/kit'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** Counts what the wallets of the demo are asked to sign. */
export type SignatureCount = { signatures: number }

/** A new EVM account that counts its signatures. */
export function countingEvmAccount(count: SignatureCount) {
  const account = privateKeyToAccount(generatePrivateKey())
  return {
    address: account.address,
    signTypedData: (typedData: Parameters<typeof account.signTypedData>[0]) => {
      count.signatures++
      return account.signTypedData(typedData)
    },
    signMessage: (parameters: { readonly message: string }) => {
      count.signatures++
      return account.signMessage(parameters)
    },
  }
}

/** A new Solana signer that counts its signatures. */
export async function countingSolanaSigner(count: SignatureCount) {
  const signer = await generateKeyPairSigner()
  return {
    address: signer.address,
    signTransactions(transactions: Parameters<typeof signer.signTransactions>[0]) {
      count.signatures += transactions.length
      return signer.signTransactions(transactions)
    },
    signMessages(messages: Parameters<typeof signer.signMessages>[0]) {
      count.signatures += messages.length
      return signer.signMessages(messages)
    },
  }
}
