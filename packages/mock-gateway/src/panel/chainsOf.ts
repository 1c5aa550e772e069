import type { Chain } from '../chain/Chain'
import type { Gateway } from '../Gateway'
import { formatDollars } from '../money'
import type { GatewayState } from '../state'

/** Wallets of each chain, and transfers, that are shown. */
const SHOWN = 20

/** What the page shows of local chains: blocks, balances of the gateway and of who paid it last, transfers. */
export async function chainsOf({ chains, terms }: Gateway, state: GatewayState) {
  const local = chains.filter(({ node }) => node)
  const rows = await Promise.all(local.map((chain) => rowsOf(chain, terms, state)))
  return {
    holders: rows.flatMap(({ holders }) => holders),
    transfers: rows.flatMap(({ transfers }) => transfers),
  }
}

async function rowsOf(chain: Chain, terms: Gateway['terms'], state: GatewayState) {
  const { id: network } = chain.network
  const { payTo } = terms.priced(0n).find((one) => one.network === network) ?? { payTo: '' }
  const paid = [...state.payments, ...state.sales].filter((one) => one.network === network)
  const payers = [...new Set(paid.map(({ payer }) => payer))].slice(-SHOWN)
  const height = String(await chain.node?.height())
  const rowOf = async (holder: string) => {
    const amount = formatDollars(await chain.balanceOf(holder))
    const is = holder === payTo ? 'gateway' : 'wallet'
    return { id: `${network} ${holder}`, network, height, holder, is, amount }
  }
  const transfers = (await chain.transfers()).slice(-SHOWN).reverse()
  return {
    holders: await Promise.all([payTo, ...payers].map(rowOf)),
    transfers: transfers.map(({ transaction, from, to, amount, height: block }, index) => {
      const id = `${network} ${transaction} ${index}`
      const moved = formatDollars(amount)
      return { id, network, height: String(block), from, to, amount: moved, transaction }
    }),
  }
}
