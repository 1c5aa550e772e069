import { readAddress } from './checksumAddress'
import { networks } from './networks'
import type { Asset, Terms } from './wallet'

const ZERO = `0x${'0'.repeat(40)}`

/** Why these terms must not be signed by the account `from` (EIP-55), or undefined. */
export function refuseTerms(terms: Terms, from: string): string | undefined {
  const asset = assetOf(terms.network)
  if (asset === undefined) return 'the network is not one this wallet pays on'
  if (readAddress(terms.asset) !== asset.address) return 'the asset is not USDC on that network'
  for (const field of ['name', 'version', 'decimals'] as const) {
    const stated = terms.extra[field]
    if (stated !== undefined && stated !== asset[field]) {
      return `the stated ${field} is not that of USDC on that network`
    }
  }
  const method = terms.extra.assetTransferMethod
  if (method !== undefined && method !== 'eip3009') return 'the transfer method is not EIP-3009'
  return refusePayee(terms.payTo, from, asset) ?? refuseAmount(terms.amount)
}

/** The table's row for a network; never something inherited from Object.prototype. */
export function assetOf(network: string): Asset | undefined {
  return Object.hasOwn(networks, network) ? networks[network] : undefined
}

function refusePayee(payTo: string, from: string, asset: Asset): string | undefined {
  const payee = readAddress(payTo)
  if (payee === undefined) return 'payTo is not a valid EVM address'
  if (payee === ZERO) return 'payTo is the zero address'
  if (payee === asset.address) return 'payTo is the token contract'
  if (payee === from) return 'payTo is the paying wallet itself'
  return undefined
}

function refuseAmount(amount: bigint): string | undefined {
  if (amount <= 0n) return 'the amount is not above zero'
  if (amount >= 1n << 256n) return 'the amount does not fit 256 bits'
  return undefined
}
