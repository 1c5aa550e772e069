import { createAgentWallet } from '@arouter/sdk/agent'
import { type Envelope, SolRouter } from '@arouter/sdk/solrouter'
import { Keypair } from '@solana/web3.js'

/** An encrypted chat, paid for by itself on Solana; then, with an API key, the agent. */
export async function run(baseURL: string, encryptedPrompt: Envelope, apiKey: string) {
  const wallet = createAgentWallet({
    solana: { signer: Keypair.generate() },
    origins: [baseURL],
    maxPerPayment: '$0.05', // Prices change: this is the most that one call may be.
  })
  const paying = SolRouter({ wallet, baseURL })
  const { encryptedResponse } = await paying.chat({
    encryptedPrompt,
    model: 'nosana:gpt-oss:20b',
  })
  const [payment] = await wallet.payments.list()

  const member = SolRouter({ apiKey, baseURL })
  const { reply } = await member.agent({ prompt: 'Hello' })
  const { balance_formatted } = await member.balance()
  return { encryptedResponse, paid: payment?.amount, reply, balance: balance_formatted }
}
