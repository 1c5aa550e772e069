import { ARouter, withX402SolanaPayment } from '@arouter/sdk'
import { Keypair } from '@solana/web3.js'

/** The same with a Solana wallet. On mainnet, name an RPC of yours: the public one is slow. */
export async function run(baseURL: string, rpc?: Readonly<Record<string, string>>) {
  const keypair = Keypair.generate()
  const client = withX402SolanaPayment(
    new ARouter({ baseURL, apiKey: '' }),
    keypair,
    undefined,
    rpc ? { rpc } : {},
  )

  const { choices } = await client.chatCompletion({
    model: 'openai/gpt-4o',
    messages: [{ role: 'user', content: 'Hello' }],
  })
  const [payment] = await client.payments.list()
  return { answer: choices[0]?.message.content, paid: payment?.amount }
}
