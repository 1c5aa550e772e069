import { ARouter, withX402EvmPayment } from '@arouter/sdk'
import type { TransferTypedData } from '@arouter/x402-evm'

/** What is used of `new PrivyClient({ appId, appSecret })` of @privy-io/node, and of its wallets. */
export type PrivyClient = { wallets(): { ethereum(): PrivyEthereum } }
type PrivyEthereum = {
  signMessage(walletId: string, input: { message: string }): Promise<{ signature: string }>
  signTypedData(walletId: string, input: object): Promise<{ signature: string }>
}
type PrivyWallet = { readonly id: string; readonly address: string }

/** A server wallet of Privy pays. `createViemAccount` of @privy-io/node/viem makes the same account. */
export async function run(baseURL: string, privy: PrivyClient, { id, address }: PrivyWallet) {
  const wallet = privy.wallets().ethereum()
  const account = {
    address,
    signMessage: async ({ message }: { readonly message: string }) =>
      (await wallet.signMessage(id, { message })).signature,
    signTypedData: async ({ domain, types, primaryType, message }: TransferTypedData) => {
      const entries = Object.entries(message).map(([name, value]) => [name, String(value)])
      const typed_data = { domain, types, primary_type: primaryType }
      const params = { typed_data: { ...typed_data, message: Object.fromEntries(entries) } }
      return (await wallet.signTypedData(id, { params })).signature
    },
  }
  const client = withX402EvmPayment(new ARouter({ baseURL, apiKey: '' }), account)

  const { choices } = await client.chatCompletion({
    model: 'openai/gpt-4o',
    messages: [{ role: 'user', content: 'Hello' }],
  })
  return { answer: choices[0]?.message.content, address }
}
