import { ARouter, withX402Payment } from '@arouter/sdk'
import { Keypair } from '@solana/web3.js'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** One client with two wallets pays the smallest offer, on whichever chain that is. */
export async function run(baseURL: string) {
  const client = withX402Payment(new ARouter({ baseURL, apiKey: '' }), {
    evm: { signer: privateKeyToAccount(generatePrivateKey()) },
    solana: { signer: Keypair.generate() },
    maxPerPayment: '$2',
  })

  const { choices } = await client.chatCompletion({
    model: 'openai/gpt-4o',
    messages: [{ role: 'user', content: 'Hello' }],
  })
  const [payment] = await client.payments.list()
  return { answer: choices[0]?.message.content, network: payment?.network }
}
