import { PaymentPolicyError } from '../errors'
import type { Wallet } from '../wallet'
import { formatMoney } from './formatMoney'
import type { Policy } from './policy'
import type { Offer, PaymentRequired } from './requirements'
import { sameAddress } from './sameAddress'

const CAIP2 = /^[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}$/

type WithWallet = { readonly wallet: Wallet }

/** The offer to pay, and who pays it. */
export type Choice<A extends WithWallet> = { readonly account: A; readonly offer: Offer }

export type ChooseParameters<A extends WithWallet> = {
  readonly required: PaymentRequired
  readonly origin: string
  /** Of the request that got the 402. */
  readonly path: string
  readonly accounts: readonly A[]
  readonly policy: Policy
  /** payTo first used at this origin, by network. */
  readonly pins: ReadonlyMap<string, string>
  /** The wallet to prefer among equal offers: that of the session. */
  readonly preferred: string
}

/**
 * The smallest offer the policy admits, or the smallest at or above `topUp`: the same one for every
 * order of offers. Pure.
 * @throws PaymentPolicyError `no_acceptable_offer` with the reason for each; nothing is signed.
 */
export function choose<A extends WithWallet>(parameters: ChooseParameters<A>): Choice<A> {
  const { required, policy } = parameters
  const verdicts = judgeAll(parameters)
  const fits = verdicts
    .filter((verdict) => typeof verdict !== 'string')
    .sort(byPrice(parameters.preferred))
  const enough = fits.filter(({ offer }) => offer.amount >= (policy.topUp ?? 0n))
  const largest = fits.at(-1)?.offer.amount
  const chosen = enough[0] ?? fits.find(({ offer }) => offer.amount === largest)
  if (chosen) return chosen
  const reasons = verdicts.filter((verdict) => typeof verdict === 'string')
  throw refused(
    [...reasons, ...required.malformed],
    required.offers.length + required.malformed.length,
  )
}

/**
 * Of each offer who would pay it, or why nobody may. Pure.
 * @throws PaymentPolicyError `no_acceptable_offer` where they are for something else.
 */
export function judgeAll<A extends WithWallet>(
  parameters: ChooseParameters<A>,
): readonly (Choice<A> | string)[] {
  const { required, origin } = parameters
  const isForeign = (url: string) => !URL.canParse(url) || new URL(url).origin !== origin
  if (required.resourceUrls.some(isForeign)) throw refused([`its resource is not of ${origin}`], 0)
  return required.offers.map((offer) => judge(offer, parameters))
}

function judge<A extends WithWallet>(
  offer: Offer,
  { accounts, policy, pins, ...request }: ChooseParameters<A>,
): Choice<A> | string {
  const { network, amount, payTo, scheme, extra } = offer
  const label = `${formatMoney(amount)} on ${CAIP2.test(network) ? network : 'an unknown network'}`
  const account = accounts.find(
    ({ wallet }) =>
      Object.hasOwn(wallet.networks, network) && (wallet.scheme ?? 'exact') === scheme,
  )
  if (!account && scheme !== 'exact') return `${label}: the scheme is not exact`
  if (!account || !policy.networks.has(network)) return `${label}: the network is not allowed`
  if (amount > policy.maxPerPayment) {
    return `${label}: over the ${formatMoney(policy.maxPerPayment)} allowed for one payment`
  }
  const [route, price = amount] = priceAt(request, policy) ?? []
  if (amount > price) return `${label}: over the ${formatMoney(price)} allowed for ${route}`
  const flow = extra.paymentFlow
  if (flow !== undefined && flow !== 'authorization' && flow !== 'upfront') {
    return `${label}: the payment flow is unknown`
  }
  const unfit = account.wallet.refuse(offer)
  if (unfit) return `${label}: ${unfit}`
  const pinned = pins.get(network)
  const known = policy.payTo ?? (pinned === undefined ? undefined : [pinned])
  if (known && !known.map(sameAddress).includes(sameAddress(payTo))) {
    return `${label}: payTo is not ${policy.payTo ? 'one you allow' : 'the one paid here before'}`
  }
  // Not pinned to the first one, as payTo is: facilitators have several and name any of them, and
  // all that one can do is to sign what we signed, or not.
  const isSolana = account.wallet.namespace === 'solana'
  if (isSolana && policy.feePayer && !policy.feePayer.includes(String(extra.feePayer))) {
    return `${label}: feePayer is not one you allow`
  }
  return { account, offer }
}

/** The entry of `prices` for a request: its very path, or else the longest one with a `*` that fits. */
function priceAt(
  { origin, path }: Pick<ChooseParameters<WithWallet>, 'origin' | 'path'>,
  { prices }: Policy,
): readonly [string, bigint] | undefined {
  const names = [path, origin + path]
  const fits = (route: string) =>
    route.endsWith('*')
      ? names.some((name) => name.startsWith(route.slice(0, -1)))
      : names.includes(route)
  const rank = (route: string) => route.length + (names.includes(route) ? 1e6 : 0)
  return [...prices].filter(([route]) => fits(route)).sort(([a], [b]) => rank(b) - rank(a))[0]
}

function byPrice(preferred: string) {
  const rank = ({ account, offer }: Choice<WithWallet>) => {
    const isPreferred = account.wallet.address === preferred
    return JSON.stringify([isPreferred ? 0 : 1, offer.network, offer.payTo, offer.raw])
  }
  return (a: Choice<WithWallet>, b: Choice<WithWallet>): number => {
    if (a.offer.amount !== b.offer.amount) return a.offer.amount < b.offer.amount ? -1 : 1
    return rank(a) < rank(b) ? -1 : 1
  }
}

function refused(reasons: readonly string[], offers: number): PaymentPolicyError {
  const listed = reasons.slice(0, 4).join('; ')
  return new PaymentPolicyError(
    'no_acceptable_offer',
    `Nothing the gateway asks for may be paid: ${listed || 'it made no offer'}. Funds moved: no, nothing was signed. Check the gateway, or the limits of this client.`,
    { context: { reasons, offers } },
  )
}
