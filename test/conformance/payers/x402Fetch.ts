import type { PayerFactory } from '@arouter/mock-gateway/conformance'
import { ExactEvmScheme } from '@x402/evm'
import { registerExactEvmScheme } from '@x402/evm/exact/client'
import { createSIWxClientExtension } from '@x402/extensions/sign-in-with-x'
import { wrapFetchWithPayment, x402Client } from '@x402/fetch'
import { ExactSvmScheme } from '@x402/svm/exact/client'

const SOLANA = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'

/** The official client as its guide has it, on both kinds of chains. Its Solana RPC is the site's own. */
export const x402Fetch: PayerFactory = (baseURL, wallets) =>
  wrapFetchWithPayment(fetch, onBothChains(baseURL, wallets))

/** The official client held to Base, and to $0.10 a payment. */
export const x402FetchTuned: PayerFactory = (_, { evm }) => {
  const client = new x402Client().register('eip155:8453', new ExactEvmScheme(evm))
  client.setSpendControls({ maxAmountPerPayment: '$0.10' })
  return wrapFetchWithPayment(fetch, client)
}

/** The official client with the official extension that signs in. */
export const x402FetchSiwx: PayerFactory = (baseURL, wallets) => {
  const client = onBothChains(baseURL, wallets)
  client.registerExtension(createSIWxClientExtension({ signers: [wallets.evm] }))
  return wrapFetchWithPayment(fetch, client)
}

function onBothChains(baseURL: string, { evm, solana }: Parameters<PayerFactory>[1]): x402Client {
  const client = new x402Client()
  registerExactEvmScheme(client, { signer: evm })
  const rpcUrl = `${baseURL}/rpc/${SOLANA}`
  return client.register('solana:*', new ExactSvmScheme(solana, { rpcUrl }))
}
