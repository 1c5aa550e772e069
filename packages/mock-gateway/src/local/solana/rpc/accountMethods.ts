import type { JsonObject } from '../../../http/jsonObject'
import { asObject } from '../../../http/jsonObject'
import type { Bank, View } from '../bank'
import { isOfTokens, readMint, readTokenAccount, TOKEN_PROGRAM } from '../tokens'
import { accountView, amountView, decimalsOf } from './accountView'
import { type Methods, withContext } from './Methods'
import { addressIn, configIn, invalid, listIn, viewIn } from './params'

const MOST_ACCOUNTS = 100

/** What is asked of accounts: lamports, data, tokens. */
export function accountMethods(bank: Bank): Methods {
  const shown = (address: unknown, config: JsonObject, view: View) => {
    const account = view.account(addressIn(address))
    return account ? accountView(account, config, view) : null
  }
  return {
    getBalance: ([address, config]) => {
      const view = viewIn(bank, configIn(config))
      return withContext(view, Number(view.account(addressIn(address))?.lamports ?? 0n))
    },
    getAccountInfo: ([address, options]) => {
      const config = configIn(options)
      const view = viewIn(bank, config)
      return withContext(view, shown(address, config, view))
    },
    getMultipleAccounts: ([addresses, options]) => {
      const config = configIn(options)
      const view = viewIn(bank, config)
      const accounts = listIn(addresses, MOST_ACCOUNTS)
      return withContext(
        view,
        accounts.map((address) => shown(address, config, view)),
      )
    },
    getTokenAccountBalance: ([address, config]) => {
      const view = viewIn(bank, configIn(config))
      const held = readTokenAccount(view.account(addressIn(address)))
      if (!held) throw invalid('could not find account')
      return withContext(view, amountView(held.amount, decimalsOf(held.mint, view)))
    },
    getTokenSupply: ([address, config]) => {
      const view = viewIn(bank, configIn(config))
      const mint = readMint(view.account(addressIn(address)))
      if (!mint) throw invalid('could not find mint')
      return withContext(view, amountView(mint.supply, mint.decimals))
    },
    getTokenAccountsByOwner: ([address, filter, options]) => {
      const owner = addressIn(address)
      const config = configIn(options)
      const view = viewIn(bank, config)
      const { mint, programId } = asObject(filter) ?? {}
      const program = mint === undefined ? addressIn(programId) : TOKEN_PROGRAM
      if (mint !== undefined && !readMint(view.account(addressIn(mint)))) {
        throw invalid('could not find mint')
      }
      if (!isOfTokens(program)) throw invalid('unrecognized token program id')
      return withContext(
        view,
        bank.machine.ownedBy(program).flatMap(([pubkey]) => {
          const account = view.account(pubkey)
          const held = readTokenAccount(account)
          if (!account || held?.owner !== owner) return []
          if (mint !== undefined && held.mint !== mint) return []
          return [{ pubkey, account: accountView(account, config, view) }]
        }),
      )
    },
  }
}
