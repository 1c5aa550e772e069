import type { ReadonlyUint8Array, SignatureBytes } from '@solana/kit'
import { generateKeyPairSigner } from '@solana/kit'
import type { LocalAccount } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import type { Wallets } from './Payer'

/** One thing a wallet was asked to sign. */
export type Signed =
  | { readonly kind: 'typed data'; readonly typedData: SignedTypedData; readonly signature: string }
  | { readonly kind: 'message'; readonly text: string; readonly signature: string }
  | { readonly kind: 'solana transaction'; readonly message: ReadonlyUint8Array }
  /** A raw transaction, a hash, an EIP-7702 authorization: nothing that x402 needs. */
  | { readonly kind: 'raw' }

/** EIP-712 data as far as oracles look at it. */
export interface SignedTypedData {
  readonly primaryType: string
  readonly domain: Readonly<Record<string, unknown>>
  readonly message: Readonly<Record<string, unknown>>
}

/** What a scenario may put in the place of a wallet's answer. */
export interface WalletScript {
  /** Takes a signature (of a Solana transaction its bytes) and resolves to what is returned in its place. */
  readonly answer?: (kind: Signed['kind'], signature: string | SignatureBytes) => unknown
}

/** Fresh wallets and the list of all they have signed. */
export async function countingWallets(
  script: WalletScript,
): Promise<{ readonly wallets: Wallets; readonly signed: readonly Signed[] }> {
  const signed: Signed[] = []
  return {
    wallets: { evm: evmWallet(signed, script), solana: await solanaWallet(signed, script) },
    signed,
  }
}

function evmWallet(signed: Signed[], { answer }: WalletScript): LocalAccount {
  const account = privateKeyToAccount(generatePrivateKey())
  const returned = async (kind: Signed['kind'], signature: string) =>
    (answer ? await answer(kind, signature) : signature) as `0x${string}` // a scripted answer may be anything
  const raw = <Args extends readonly unknown[], Result>(sign: (...args: Args) => Result) => {
    return (...args: Args): Result => {
      signed.push({ kind: 'raw' })
      return sign(...args)
    }
  }
  const signTypedData = async (parameters: Parameters<typeof account.signTypedData>[0]) => {
    const signature = await account.signTypedData(parameters)
    const typedData = parameters as unknown as SignedTypedData // it was fit to be hashed
    signed.push({ kind: 'typed data', typedData, signature })
    return returned('typed data', signature)
  }
  const signMessage = async (parameters: Parameters<typeof account.signMessage>[0]) => {
    const signature = await account.signMessage(parameters)
    const { message } = parameters
    const text = typeof message === 'string' ? message : String(message.raw)
    signed.push({ kind: 'message', text, signature })
    return returned('message', signature)
  }
  return {
    ...account,
    sign: raw(account.sign),
    signTransaction: raw(account.signTransaction) as typeof account.signTransaction,
    signAuthorization: raw(account.signAuthorization),
    signTypedData: signTypedData as typeof account.signTypedData,
    signMessage,
  }
}

async function solanaWallet(
  signed: Signed[],
  { answer }: WalletScript,
): Promise<Wallets['solana']> {
  const signer = await generateKeyPairSigner()
  return {
    address: signer.address,
    signTransactions: async (transactions) => {
      const signatures = await signer.signTransactions(transactions)
      for (const { messageBytes } of transactions)
        signed.push({ kind: 'solana transaction', message: messageBytes })
      if (!answer) return signatures
      return Promise.all(
        signatures.map(async ({ [signer.address]: own, ...others }) => ({
          ...others,
          [signer.address]: own && ((await answer('solana transaction', own)) as SignatureBytes), // may be anything
        })),
      )
    },
    signMessages: async (messages) => {
      const signatures = await signer.signMessages(messages)
      for (const [index, { content }] of messages.entries()) {
        const bytes: SignatureBytes | undefined = signatures[index]?.[signer.address]
        signed.push({
          kind: 'message',
          text: Buffer.from(content).toString('utf8'),
          signature: Buffer.from(bytes ?? []).toString('base64'),
        })
      }
      return signatures
    },
  }
}
