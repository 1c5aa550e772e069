import { ARouter, withX402EvmPayment } from '@arouter/sdk'
import type { LocalAccount } from 'viem'

/** What is used of `new CdpClient()` of @coinbase/cdp-sdk, which reads its keys from the environment. */
export type CdpClient = {
  readonly evm: {
    getOrCreateAccount(options: {
      readonly name: string
    }): Promise<Pick<LocalAccount, 'address' | 'signMessage' | 'signTypedData'>>
  }
}

/** A server wallet of Coinbase pays: its account is one as viem has it, the key stays at Coinbase. */
export async function run(baseURL: string, cdp: CdpClient) {
  const account = await cdp.evm.getOrCreateAccount({ name: 'my-agent' })
  const client = withX402EvmPayment(new ARouter({ baseURL, apiKey: '' }), account)

  const { choices } = await client.chatCompletion({
    model: 'openai/gpt-4o',
    messages: [{ role: 'user', content: 'Hello' }],
  })
  return { answer: choices[0]?.message.content, address: account.address }
}
