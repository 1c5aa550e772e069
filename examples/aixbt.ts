import { createAgentWallet } from '@arouter/sdk/agent'
import { type KeyPass, keyPassFetch } from '@arouter/sdk/aixbt'
import { fileStore } from '@arouter/sdk/node'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** A key of aixbt for a day: bought where there is none, kept, and renewed an hour before its end. */
export async function run(baseURL: string, folder: string) {
  const wallet = createAgentWallet({
    evm: { signer: privateKeyToAccount(generatePrivateKey()) },
    origins: [baseURL],
    maxPerPayment: '$10',
    budget: { limit: '$20', window: '24h' },
    store: fileStore(folder), // Should this process end between payment and save, the next one saves.
  })
  const vault = new Map<string, KeyPass>() // In earnest: where you keep secrets.
  const ask = keyPassFetch({
    baseURL,
    wallet,
    passes: {
      load: () => vault.get('aixbt'),
      save: async (pass) => void vault.set('aixbt', pass),
    },
    renew: { period: '1d', before: '1h', onFailure: (error) => console.warn(error) },
  })

  const answer = await ask('/v2/projects?limit=3')
  const { data } = await answer.json()
  return { projects: data.length, left: ask.limits().minute?.remaining, kept: vault.size }
}
