import { setTimeout as sleep } from 'node:timers/promises'
import { ARouter, isARouterError, memoryStore, withX402EvmPayment } from '@arouter/sdk'
import { evmSigner } from '@arouter/x402-evm'
import { solanaSigner } from '@arouter/x402-solana'
import nacl from 'tweetnacl'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import type { Measured } from './measureClient'

/** What is still on its way when the call has ended must not pile up. */
const AFTERWARDS_MS = 200

const [url = '', way = ''] = process.argv.slice(2)
const account = privateKeyToAccount(generatePrivateKey())
const request = { model: 'm', messages: [{ role: 'user' as const, content: 'hello' }] }

/** Each does one thing a server's answer could be endless in, against the path it is given. */
const ways: Readonly<Record<string, (baseURL: string) => Promise<unknown>>> = {
  chat: (baseURL) => clientAt(baseURL, 'never').chatCompletion(request),
  signIn: (baseURL) => clientAt(baseURL, 'auto').chatCompletion(request),
  stream: async (baseURL) => {
    const chunks = clientAt(baseURL, 'never').chatCompletionStream(request)
    for await (const chunk of chunks) if (chunk.id === '') break
  },
  evmFate: (baseURL) =>
    evmSigner(account).fate(
      {
        network: 'eip155:8453',
        asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
        from: account.address,
        nonce: `0x${'1'.repeat(64)}`,
        validBefore: '1',
      },
      { rpc: [`${baseURL}/rpc`], fetch },
    ),
  solanaFate: (baseURL) =>
    solanaSigner(nacl.sign.keyPair()).fate(
      {
        network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
        account: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v',
        signature: 's',
        memo: 'm',
        blockhash: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v',
        preparedAt: '1',
      },
      { rpc: [`${baseURL}/rpc`], fetch },
    ),
}

function clientAt(baseURL: string, signIn: 'auto' | 'never') {
  return withX402EvmPayment(new ARouter({ baseURL, maxRetries: 0 }), account, {
    store: memoryStore(),
    signIn,
  })
}

const act = ways[way] ?? (() => Promise.reject(new TypeError(`there is no way ${way}`)))
const end = (promise: Promise<unknown>) =>
  promise.then(
    (value) => (typeof value === 'string' ? value : 'answer'),
    (error) => (isARouterError(error) ? error.code : String(error)),
  )

// The same way with little to read, so that what is loaded and compiled does not count.
for (let i = 0; i < 50; i++) await end(act(`${url}/short`))
process.stdout.write(JSON.stringify(await measure()), () => process.exit(0))

async function measure(): Promise<Measured> {
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  const highest = process.resourceUsage().maxRSS
  let seen = before
  const watch = setInterval(() => {
    seen = Math.max(seen, process.memoryUsage.rss())
  }, 1)
  const outcome = await end(act(`${url}/endless`))
  await sleep(AFTERWARDS_MS)
  clearInterval(watch)
  // What is allocated and freed between two looks is in the highest of all.
  const grown = Math.max(seen - before, (process.resourceUsage().maxRSS - highest) * 1024)
  return { outcome, grown }
}
