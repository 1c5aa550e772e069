import { ARouterError, invalidOption } from '../errors'
import { sameAddress } from '../payment/sameAddress'
import type { Terms, TransferSummary, Wallet } from '../wallet'

/** What the official x402 packages call a `SchemeNetworkClient`. */
export type SchemeClient = {
  readonly scheme: string
  // A method, so that what takes a narrower type of its own fits.
  createPaymentPayload(
    x402Version: number,
    paymentRequirements: never,
  ): Promise<{ readonly payload: Readonly<Record<string, unknown>> }>
}

/** An official scheme, and what it may pay with. */
export type PluggedScheme = {
  readonly client: SchemeClient
  /** CAIP-2. */
  readonly network: string
  /** Whose money it pays with. */
  readonly address: string
  /** Tokens of which 1,000,000 atomic units are a dollar: the limits are counted by that. */
  readonly assets: readonly string[]
  /** Default false: a mainnet. */
  readonly testnet?: boolean
}

/**
 * A wallet of a scheme that its user plugs in. The policy judges each offer before it is asked; what it
 * signs is its own affair, but for an EIP-3009 authorization, which must be the transfer that was approved.
 * The chain is not asked about its payments: one whose answer is lost stays held.
 * @throws ARouterError `invalid_option`.
 */
export function schemeWallet({
  client,
  network,
  address,
  assets,
  testnet = false,
}: PluggedScheme): Wallet {
  const [first] = assets
  if (!/^[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}$/.test(network) || !address || first === undefined) {
    throw invalidOption('A scheme needs its network (CAIP-2), an address and one asset at least.')
  }
  const asset = { address: first, symbol: 'USD', decimals: 6, testnet, rpc: '' }
  return {
    namespace: network.startsWith('solana:') ? 'solana' : 'eip155',
    scheme: client.scheme,
    address,
    networks: { [network]: asset },
    refuse: (terms) => {
      if (!assets.some((known) => sameAddress(known) === sameAddress(terms.asset)))
        return 'the asset is not one that its scheme may pay with'
      return sameAddress(terms.payTo) === sameAddress(address) ? 'payTo is the payer' : undefined
    },
    prepare: async (terms, { now, validity }) => {
      const { network: on, asset: of, amount, payTo } = terms
      const summary = { network: on, asset: of, amount, payTo, from: address }
      return {
        summary,
        expiresAt: now + validity,
        evidence: {},
        sign: async () => {
          const required = { ...rawOf(terms), maxTimeoutSeconds: validity }
          const { payload } = await client.createPaymentPayload(2, required as never) // what it is made for
          if (!isFor(payload, summary)) throw notAsApproved()
          return { payload, evidence: {} }
        },
      }
    },
    signMessage: async () => {
      throw new TypeError('a scheme does not sign messages')
    },
    fate: async () => 'unknown',
  }
}

/** The requirements as the official types have them. */
function rawOf(terms: Terms): Readonly<Record<string, unknown>> {
  const { network, asset, amount, payTo, extra } = terms
  const scheme = 'scheme' in terms ? terms.scheme : 'exact'
  return { scheme, network, asset, amount: amount.toString(), payTo, extra }
}

function isFor({ authorization }: Readonly<Record<string, unknown>>, summary: TransferSummary) {
  if (typeof authorization !== 'object' || authorization === null) return true
  const { from, to, value } = authorization as Readonly<Record<string, unknown>> // compared as text
  return (
    sameAddress(String(from)) === sameAddress(summary.from) &&
    sameAddress(String(to)) === sameAddress(summary.payTo) &&
    String(value) === summary.amount.toString()
  )
}

function notAsApproved(): ARouterError {
  return new ARouterError(
    0,
    'wallet_failed',
    'What the scheme signed is not the payment that was approved. Funds moved: no, it was not sent.',
  )
}
