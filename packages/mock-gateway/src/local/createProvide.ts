import { addressKey } from '../addressKey'
import type { ChainGround } from '../chain/Chain'
import { PLENTY } from '../chain/plenty'
import type { LocalNode } from './LocalNode'
import { once } from './once'

/**
 * Gives wallets plenty where balances are unlimited: once, where they hold nothing and are not in `provided`.
 * Who is paid is given nothing: what the receiver holds is what came in.
 */
export function createProvide(
  node: Pick<LocalNode, 'balanceOf' | 'faucet'>,
  { balances, payTo }: Pick<ChainGround, 'balances' | 'payTo'>,
  provided: Map<string, Promise<void>>,
): (address: string) => Promise<void> {
  return async (address) => {
    const owner = addressKey(address)
    if (balances !== 'unlimited' || owner === addressKey(payTo)) return
    await once(provided, owner, async () => {
      if ((await node.balanceOf(owner)) === 0n) await node.faucet(owner, PLENTY)
    })
  }
}
