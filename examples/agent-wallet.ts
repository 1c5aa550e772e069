import { createAgentWallet } from '@arouter/sdk/agent'
import { fileStore } from '@arouter/sdk/node'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** One wallet for any x402 seller you name, here one of weather for a cent a look. */
export async function run(seller: string, folder: string) {
  const wallet = createAgentWallet({
    evm: { signer: privateKeyToAccount(generatePrivateKey()) },
    origins: [seller],
    maxPerPayment: '$0.05',
    budget: { limit: '$1', window: '24h' },
    store: fileStore(folder),
  })

  const quote = await wallet.quote(`${seller}/weather`)
  const answer = await wallet.fetch(`${seller}/weather`)

  // A name for what is bought: a crash, a retry or another process gets the same answer, and pays nothing.
  const order = { idempotencyKey: 'weather of 2026-11-21' }
  const first = await wallet.fetch(`${seller}/weather`, order)
  const again = await wallet.fetch(`${seller}/weather`, order)
  const [budget] = await wallet.budget.status()
  return {
    price: quote?.intent?.amount,
    status: answer.status,
    isSame: (await first.text()) === (await again.text()),
    spent: budget?.spent,
  }
}
