import { PaymentPolicyError } from './errors'
import { abortable, throwIfAborted } from './exchange'
import { judgeAll } from './payment/choose'
import type { Funds, WalletBalance } from './payment/Funds'
import { formatMoney } from './payment/formatMoney'
import { type Payer, rpcOf } from './payment/Payer'

export type { Funds, WalletBalance }

/** When the chain is asked before a payment. */
export type FundsOptions = {
  /**
   * `choice`, the default: where offers on several networks may be paid, or with `topUp` of several sizes, so
   * that one that can be is. `always`: before each payment, which is then not signed in vain and waits for the answer.
   */
  readonly ask?: 'choice' | 'always'
}

/** For how long a payment waits to be told what wallets hold, in milliseconds. */
const PATIENCE_MS = 5_000

/**
 * Has a wallet client know what its wallets hold, by the RPC servers it has anyway: an offer that none can
 * pay is passed over, a lack of USDC is the error `insufficient_funds`, which says how much is missing
 * where, and `client.getWalletBalances()` tells it. A server that errs, or takes over five seconds, is never
 * taken for an empty wallet: the payment is made as without.
 *
 * `withX402Payment(client, { evm, solana, funds: chainFunds() })`
 */
export function chainFunds({ ask = 'choice' }: FundsOptions = {}): Funds {
  return {
    balances: (payer) => balances(payer, undefined),
    narrow: async (payer, choice, { signal }) => {
      const { offers } = choice.required
      const fits = judgeAll(choice).filter((verdict) => typeof verdict !== 'string')
      const networks = new Set(fits.map(({ offer }) => offer.network))
      const isChoice = networks.size > 1 || (fits.length > 1 && payer.policy.topUp !== undefined)
      if (fits.length === 0 || (!isChoice && ask === 'choice')) return choice
      const held = await balancesSoon(payer, signal)
      throwIfAborted(signal)
      const lacks = new Map(
        fits.flatMap(({ account, offer }) => {
          const lack = lackOf(held, account.wallet.address, offer.network, offer.amount)
          return lack ? [[offer, lack] as const] : []
        }),
      )
      const lacking = leastOf([...lacks.values()])
      if (lacks.size === fits.length) throw insufficient(lacking)
      const { origin } = payer.base
      for (const lack of lacking)
        payer.emit({ type: 'offer-passed-over', origin, reason: inWords(lack) })
      const required = { ...choice.required, offers: offers.filter((each) => !lacks.has(each)) }
      return { ...choice, required }
    },
    explain: async (error, { payer, account, attempt, exchange }) => {
      const { network, amount } = attempt
      const held = await balancesSoon(payer, exchange.signal)
      const lack = lackOf(held, account.wallet.address, network, BigInt(amount))
      if (!lack) return error
      return Object.assign(error, {
        code: 'insufficient_funds',
        message: `${error.message} The cause: ${inWords(lack)}. Send USDC there, and try again.`,
        context: { ...error.context, lacking: [inText(lack)] },
      })
    },
  }
}

function balances(payer: Payer, signal: AbortSignal | undefined) {
  const { accounts, policy, runtime } = payer
  const purses = accounts.flatMap(({ wallet }) =>
    Object.entries(wallet.networks)
      .filter(([network]) => policy.networks.has(network))
      .map(([network, { address: asset }]) => ({ wallet, network, asset })),
  )
  return Promise.all(
    purses.map(async ({ wallet, network, asset }): Promise<WalletBalance> => {
      const { address, scheme } = wallet
      const purse = { address, network, asset }
      const rpc = rpcOf(payer, network)
      // A scheme that its user plugged in pays with tokens of its own.
      if (rpc.length === 0 || scheme !== undefined)
        return { ...purse, amount: undefined, unknown: 'no_rpc' }
      try {
        const { readBalance } = await witnessOf(wallet.namespace)
        const asked = readBalance(address, network, { rpc, fetch: runtime.fetch, signal })
        return { ...purse, amount: await abortable(asked, signal) }
      } catch {
        return { ...purse, amount: undefined, unknown: 'rpc_failed' } // What cannot be read is never zero.
      }
    }),
  )
}

const witnessOf = (namespace: 'eip155' | 'solana') =>
  namespace === 'eip155'
    ? import('@arouter/x402-evm/witness')
    : import('@arouter/x402-solana/witness')

function balancesSoon(payer: Payer, signal: AbortSignal | undefined) {
  const soon = AbortSignal.timeout(PATIENCE_MS)
  return balances(payer, signal ? AbortSignal.any([signal, soon]) : soon)
}

/** What a wallet lacks for a payment. */
type Lack = {
  readonly address: string
  readonly network: string
  readonly amount: bigint
  readonly balance: bigint
}

function lackOf(
  held: readonly WalletBalance[],
  address: string,
  network: string,
  amount: bigint,
): Lack | undefined {
  const purse = held.find((each) => each.address === address && each.network === network)
  const balance = purse?.amount
  if (balance === undefined || balance >= amount) return undefined
  return { address, network, amount, balance }
}

/** On each network the offer for which the least is missing. */
function leastOf(lacking: readonly Lack[]): readonly Lack[] {
  const sorted = [...lacking].sort((a, b) => (a.amount < b.amount ? -1 : 1))
  return sorted.filter(
    (lack, at) => sorted.findIndex(({ network }) => network === lack.network) === at,
  )
}

function insufficient(lacking: readonly Lack[]): PaymentPolicyError {
  return new PaymentPolicyError(
    'insufficient_funds',
    `There is too little USDC for what is asked for: ${lacking.map(inWords).join('; ')}. Funds moved: no, nothing was signed. Send USDC there, and try again.`,
    { context: { lacking: lacking.map(inText) } },
  )
}

const inWords = ({ address, network, amount, balance }: Lack) =>
  `${address} holds ${formatMoney(balance)} on ${network}, ${formatMoney(amount - balance)} less than ${formatMoney(amount)}`

/** As an error's context has it: amounts in decimal. */
const inText = ({ address, network, amount, balance }: Lack) => ({
  address,
  network,
  amount: `${amount}`,
  balance: `${balance}`,
  missing: `${amount - balance}`,
})
