import type { PaymentClaim, ReceiptCheck } from '@arouter/x402-evm/witness'
import { invalidOption } from './errors'
import { parseBase } from './exchange'
import type { PaymentRecord } from './payment/Payments'

export type { ReceiptCheck }

/** Where the chain is asked, and how. */
export type VerifyReceiptOptions = {
  /** RPC URLs by network, all of them asked. Default: the network's public one, and none for a gateway on this machine. */
  readonly rpc?: Readonly<Record<string, string | readonly string[]>>
  /** Used instead of the global `fetch`. */
  readonly fetch?: typeof fetch
  readonly signal?: AbortSignal
}

/**
 * Holds a payment of the journal, and with it what PAYMENT-RESPONSE claimed, against the chain: that its
 * transaction moved this amount of USDC from this wallet to this payee by this very signature (EIP-3009:
 * `Transfer` and `AuthorizationUsed`; Solana: token balances and the signature), where it will not be
 * undone. An RPC error is never a verdict: it leaves it `unknown`. Nothing is signed or changed.
 *
 * `const [payment] = await client.payments.list(); await verifyReceipt(payment)`
 * @throws ARouterError `invalid_option` for a payment of neither chain.
 */
export async function verifyReceipt(
  payment: PaymentClaim & Pick<PaymentRecord, 'origin'>,
  {
    rpc = {},
    fetch = (input, init) => globalThis.fetch(input, init),
    signal,
  }: VerifyReceiptOptions = {},
): Promise<ReceiptCheck> {
  const { network, origin } = payment
  const { networks, verifyReceipt: verify } = await witnessOf(network)
  const known = Object.hasOwn(networks, network) ? networks[network]?.rpc : undefined
  // A public chain knows nothing of a gateway on this machine, and would call its payments unmade.
  const named = rpc[network] ?? (parseBase(origin).loopback ? [] : (known ?? []))
  const urls = typeof named === 'string' ? [named] : named
  return verify(payment, { rpc: urls, fetch, signal })
}

function witnessOf(network: string) {
  if (network.startsWith('eip155:')) return import('@arouter/x402-evm/witness')
  if (network.startsWith('solana:')) return import('@arouter/x402-solana/witness')
  throw invalidOption(`There is no chain to ask about ${network}. Funds moved: no.`)
}
