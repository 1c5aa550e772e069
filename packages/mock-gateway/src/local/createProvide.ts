import { addressKey } from '../addressKey'
import type { ChainGround } from '../chain/Chain'
import { PLENTY } from '../chain/plenty'
import type { LocalNode } from './LocalNode'
import { once } from './once'

/** Gives wallets plenty where balances are unlimited: once, where they hold nothing and are not in `provided`. */
export function createProvide(
  node: Pick<LocalNode, 'balanceOf' | 'faucet'>,
  balances: ChainGround['balances'],
  provided: Map<string, Promise<void>>,
): (address: string) => Promise<void> {
  return async (address) => {
    if (balances !== 'unlimited') return
    const owner = addressKey(address)
    await once(provided, owner, async () => {
      if ((await node.balanceOf(owner)) === 0n) await node.faucet(owner, PLENTY)
    })
  }
}
