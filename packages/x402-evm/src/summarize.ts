import { assetOf } from './refuseTerms'
import type { TransferTypedData } from './transferAuthorization'
import { WalletError } from './WalletError'
import type { TransferSummary } from './wallet'

/**
 * What a signature over this typed data would do. Throws `WalletError` `refused` if it is anything but
 * a transfer of USDC on a network of the table.
 */
export function summarize({ domain, primaryType, message }: TransferTypedData): TransferSummary {
  const network = `eip155:${domain.chainId}`
  const asset = assetOf(network)
  if (
    asset === undefined ||
    primaryType !== 'TransferWithAuthorization' ||
    domain.verifyingContract !== asset.address ||
    domain.name !== asset.name ||
    domain.version !== asset.version
  ) {
    throw new WalletError('refused', 'What is to be signed is no transfer of USDC.')
  }
  const { from, to, value } = message
  return { network, asset: asset.address, amount: value, payTo: to, from }
}
