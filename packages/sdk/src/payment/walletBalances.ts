import { invalidOption } from '../errors'
import type { WalletBalance } from './Funds'
import type { Payer } from './Payer'

/** What each wallet of a payer holds, by the chains. @throws ARouterError `invalid_option` where `funds` was not named. */
export async function walletBalances(payer: Payer): Promise<readonly WalletBalance[]> {
  const { funds } = payer
  if (!funds) throw invalidOption('Name the option funds: chainFunds().')
  return funds.balances(payer)
}
