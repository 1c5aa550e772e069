import type { KeyPairSigner } from '@solana/kit'
import { generateKeyPairSigner } from '@solana/kit'
import { ExactEvmScheme } from '@x402/evm'
import { wrapFetchWithPayment, x402Client } from '@x402/fetch'
import { ExactSvmScheme } from '@x402/svm'
import type { LocalAccount } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import type { MockGateway } from '../createMockGateway'
import type { NetworkId } from '../networks'

export const BASE = 'eip155:8453'
export const SOLANA = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'

type Fetch = typeof globalThis.fetch

/** A wallet behind the official x402 client. */
export interface Payer<Account> {
  readonly account: Account
  readonly client: x402Client
  readonly pay: Fetch
}

/** The official client with a new EVM wallet; its cap of one dollar is lifted. */
export function evmPayer(fetch: Fetch = globalThis.fetch): Payer<LocalAccount> {
  const account = privateKeyToAccount(generatePrivateKey())
  return payer(fetch, account, 'eip155:*', new ExactEvmScheme(account))
}

/** The official client with a new Solana wallet, over the gateway's own chain RPC. */
export async function solanaPayer(
  gateway: MockGateway,
  network: NetworkId = SOLANA,
  fetch: Fetch = globalThis.fetch,
): Promise<Payer<KeyPairSigner>> {
  const account = await generateKeyPairSigner()
  const rpcUrl = gateway.rpc[network] ?? ''
  return payer(fetch, account, 'solana:*', new ExactSvmScheme(account, { rpcUrl }))
}

function payer<Account>(
  fetch: Fetch,
  account: Account,
  networks: `${string}:${string}`,
  scheme: Parameters<x402Client['register']>[1],
): Payer<Account> {
  const client = new x402Client().register(networks, scheme)
  client.setSpendControls({ maxAmountPerPayment: '$100' })
  return { account, client, pay: wrapFetchWithPayment(fetch, client) }
}
