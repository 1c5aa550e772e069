import type { Attempt } from '../../../packages/sdk/src/payment/Attempt'
import type { Books, GatewayBook, StoreBook, Takings, Transfer } from './Books'

/** What a comparison comes to, in sentences. */
export type Comparison = {
  /** Where one book says what another denies. None where they agree to the atomic unit. */
  readonly differences: readonly string[]
  /** What the books agree on and a reader must know: money that bought nothing, payments that are open. */
  readonly remarks: readonly string[]
}

/** Compares the three books, each payment by itself and in sum. */
export function compareBooks(books: Books): Comparison {
  const found = [
    ...books.gateways.flatMap((gateway) => [
      ...compareTakings(books.chain.transfers, gateway),
      ...compareLedger(gateway),
    ]),
    ...compareHoldings(books),
    ...compareJournals(books),
    ...books.stores.flatMap(compareBudgets),
  ]
  const of = (kind: Finding['kind']) => [
    ...new Set(found.filter((finding) => finding.kind === kind).map(({ text }) => text)),
  ]
  return { differences: of('difference'), remarks: of('remark') }
}

type Finding = { readonly kind: 'difference' | 'remark'; readonly text: string }

const difference = (text: string): Finding => ({ kind: 'difference', text })
const remark = (text: string): Finding => ({ kind: 'remark', text })

/** Faults that keep from a payer what was paid for. */
const CREDIT_NOBODY = ['third-party-settles', 'settle-late']

/** Each transfer to a gateway is put down there once, as it was, and nothing else is; what it gave back too. */
function compareTakings(transfers: readonly Transfer[], gateway: GatewayBook): Finding[] {
  const { payTo, takings, totals } = gateway
  const isOurs = ({ network }: Transfer, address: string) => same(payTo[network] ?? '', address)
  const received = transfers.filter((transfer) => isOurs(transfer, transfer.to))
  const sent = transfers.filter((transfer) => isOurs(transfer, transfer.from))
  const findings = [
    ...takings.flatMap((entry) => compareTaking(entry, received, sent)),
    ...received
      .filter(({ transaction }) => !takings.some((entry) => entry.transaction === transaction))
      .map((transfer) =>
        difference(`The chain has ${told(transfer)}; the gateway has put down none.`),
      ),
    ...sent
      .filter(({ transaction }) => !takings.some(({ refund }) => refund === transaction))
      .map((transfer) =>
        difference(`The chain has ${told(transfer)}; the gateway knows of no such refund.`),
      ),
    ...repeated(takings.map(({ transaction }) => transaction)).map((transaction) =>
      difference(`The gateway has put down transaction ${transaction} more than once.`),
    ),
    ...takings.flatMap((entry) => compareCredit(entry, gateway)),
  ]
  const counted = totals.settled + sum(takings.filter(({ credit }) => !credit))
  const moved = sum(received)
  if (moved !== counted) {
    findings.push(difference(`The chain moved ${moved} to the gateway; it counts ${counted}.`))
  }
  const credited = sum(takings.flatMap(({ credit }) => credit ?? []))
  if (credited !== totals.credited) {
    findings.push(difference(`The gateway credited ${credited}; it counts ${totals.credited}.`))
  }
  return findings
}

function compareTaking(
  entry: Takings,
  received: readonly Transfer[],
  sent: readonly Transfer[],
): Finding[] {
  const { id, network, payer, amount, transaction, refund } = entry
  const transfer = received.find((one) => one.transaction === transaction)
  const findings: Finding[] = []
  if (!transfer) {
    findings.push(
      difference(
        `The gateway has ${id} of ${amount} from ${payer}; the chain has no ${transaction}.`,
      ),
    )
  } else if (
    transfer.amount !== amount ||
    transfer.network !== network ||
    !same(transfer.from, payer)
  ) {
    findings.push(
      difference(
        `The gateway has ${id} of ${amount} from ${payer} on ${network}; the chain has ${told(transfer)}.`,
      ),
    )
  }
  if (refund === undefined) return findings
  const back = sent.find((one) => one.transaction === refund)
  if (!back) {
    findings.push(difference(`The gateway gave ${id} back; the chain has no ${refund}.`))
  } else if (back.amount !== amount || !same(back.to, payer)) {
    findings.push(
      difference(
        `The gateway gave ${amount} of ${id} back to ${payer}; the chain has ${told(back)}.`,
      ),
    )
  } else {
    findings.push(remark(`${id}: ${amount} from ${payer} were given back.`))
  }
  return findings
}

/** A payment is credited in full, or a fault that struck says why not. */
function compareCredit({ id, payer, amount, credit }: Takings, { faults }: GatewayBook): Finding[] {
  if (!credit || credit.amount === amount) return []
  const fault = faults.find((kind) => CREDIT_NOBODY.includes(kind))
  if (credit.amount === 0n && fault) {
    return [remark(`${id}: ${amount} from ${payer} were paid and credited to nobody (${fault}).`)]
  }
  return [difference(`The gateway took ${amount} for ${id} and credited ${credit.amount}.`)]
}

/** The ledger has what each payment was credited, and adds up to what each account holds. */
function compareLedger({ takings, ledger, tenants }: GatewayBook): Finding[] {
  const topUps = ledger.filter(({ referenceType }) => referenceType === 'x402_topup')
  const perPayment = takings.flatMap(({ id, transaction, credit }) => {
    const entries = topUps.filter(({ reference }) => reference === transaction)
    const posted = sum(entries)
    if (posted === (credit?.amount ?? 0n)) {
      const strays = entries.filter(({ tenant }) => tenant !== credit?.tenant)
      return strays.map(({ tenant, amount }) =>
        difference(`The ledger credits ${amount} of ${id} to ${tenant}, not to ${credit?.tenant}.`),
      )
    }
    return [
      difference(`The ledger credits ${posted} for ${id}, which says ${credit?.amount ?? 0n}.`),
    ]
  })
  const unpaid = topUps
    .filter(({ reference }) => !takings.some(({ transaction }) => transaction === reference))
    .map(({ amount, tenant, reference }) =>
      difference(`The ledger credits ${amount} to ${tenant} for ${reference}, which paid nothing.`),
    )
  const accounts = tenants.flatMap(({ id, balance }) => {
    const own = ledger.filter(({ tenant }) => tenant === id)
    const credits = sum(own.filter(({ type }) => type === 'credit'))
    const usage = sum(own.filter(({ type }) => type === 'usage'))
    if (credits - usage === balance) return []
    return [
      difference(
        `The ledger of ${id} says ${credits} less ${usage}; the account holds ${balance}.`,
      ),
    ]
  })
  return [...perPayment, ...unpaid, ...accounts]
}

/** What an address holds is what it held, and what the transfers made of it. */
function compareHoldings({ chain: { transfers, holdings } }: Books): Finding[] {
  return holdings.flatMap(({ network, address, before, now }) => {
    const here = transfers.filter((transfer) => transfer.network === network)
    const got = sum(here.filter(({ to }) => same(to, address)))
    const gave = sum(here.filter(({ from }) => same(from, address)))
    if (before + got - gave === now) return []
    return [
      difference(
        `${address} held ${before} on ${network}, was sent ${got} and sent ${gave}; it holds ${now}.`,
      ),
    ]
  })
}

/** The journals have each transfer of their wallets, and no payment that the chain denies. */
function compareJournals({ chain, gateways, stores }: Books): Finding[] {
  const attempts = newest(stores.flatMap((store) => store.attempts))
  const wallets = [
    ...attempts.map(({ from }) => from),
    ...stores.flatMap(({ budgets }) => budgets.map(({ address }) => address)),
  ]
  const isSpoofed = gateways.some(({ faults }) => faults.includes('receipt-spoofed'))
  const origins = gateways.flatMap((gateway) => gateway.origins)
  const findings = attempts.flatMap((attempt) => {
    const transfer = chain.transfers.find((one) => isOf(one, attempt))
    // What was bought elsewhere is for the books of that place.
    if (!transfer && !origins.includes(attempt.origin)) return []
    return compareAttempt(attempt, transfer, isSpoofed)
  })
  for (const transfer of chain.transfers) {
    const entries = attempts.filter((attempt) => isOf(transfer, attempt))
    if (entries.length > 1) {
      const ids = entries.map(({ id }) => id).join(' and ')
      findings.push(difference(`The journals have ${told(transfer)} more than once: ${ids}.`))
    }
    if (entries.length === 0 && wallets.some((wallet) => same(wallet, transfer.from))) {
      findings.push(
        difference(`The chain has ${told(transfer)}; no journal of that wallet has it.`),
      )
    }
  }
  return findings
}

function compareAttempt(
  attempt: Attempt,
  transfer: Transfer | undefined,
  isSpoofed: boolean,
): Finding[] {
  const { id, state, amount, from, settledBy, payTo } = attempt
  const own = `payment ${id} of ${amount} from ${from}`
  const isOpen = !['settled', 'writtenOff', 'dead', 'abandoned'].includes(state)
  if (!transfer) {
    if (isOpen) return [remark(`The journal has ${own} as ${state}; the chain has not taken it.`)]
    if (state !== 'settled') return []
    const text = `The journal has ${own} as settled, by ${settledBy}; the chain has not taken it.`
    // It counts as spent what is not: on the safe side, and known to be no more than a conclusion.
    return [
      isSpoofed || settledBy === 'credit' || settledBy === 'answer'
        ? remark(text)
        : difference(text),
    ]
  }
  const isAlike =
    transfer.amount === BigInt(amount) && same(transfer.from, from) && same(transfer.to, payTo)
  if (!isAlike)
    return [difference(`The journal has ${own} to ${payTo}; the chain has ${told(transfer)}.`)]
  if (state === 'dead' || state === 'abandoned') {
    return [difference(`The journal has ${own} as ${state}; the chain has ${told(transfer)}.`)]
  }
  if (attempt.transaction !== undefined && attempt.transaction !== transfer.transaction) {
    const text = `The journal has ${own} in transaction ${attempt.transaction}; the chain has ${told(transfer)}.`
    return [isSpoofed ? remark(text) : difference(text)]
  }
  return state === 'settled'
    ? []
    : [remark(`The journal has ${own} as ${state}; the chain has taken it.`)]
}

const COUNTED = ['signed', 'unknown', 'refused', 'settled', 'writtenOff']

/** A budget counts what the journal beside it has signed and has not given up. */
function compareBudgets({ attempts, budgets }: StoreBook): Finding[] {
  return budgets.flatMap(({ address, reserved, spent }) => {
    const own = attempts.filter(({ from }) => same(from, address))
    const counted = own.filter(({ state, id }) => COUNTED.includes(state) || id in reserved)
    const expected = sum(counted.map(({ amount }) => ({ amount: BigInt(amount) })))
    const setAside = Object.entries(reserved)
    const findings = setAside.flatMap(([id, amount]) => {
      const attempt = own.find((one) => one.id === id)
      if (attempt && BigInt(attempt.amount) === amount) return []
      const said = attempt ? `is of ${attempt.amount}` : 'is not in the journal'
      return [difference(`The budget of ${address} sets ${amount} aside for ${id}, which ${said}.`)]
    })
    const held = spent + sum(setAside.map(([, amount]) => ({ amount })))
    if (held !== expected) {
      findings.push(
        difference(`The budget of ${address} counts ${held}; its journal has ${expected}.`),
      )
    }
    return findings
  })
}

function isOf({ network, transaction, marks }: Transfer, attempt: Attempt): boolean {
  const { nonce, signature } = attempt.evidence ?? {}
  const mark = nonce?.toLowerCase() ?? signature
  // A scheme of somebody else's leaves no evidence: then all there is is the gateway's word.
  if (mark === undefined) return attempt.transaction === transaction
  return attempt.network === network && marks.includes(mark)
}

/** One entry for each payment, the latest where several stores have it. */
function newest(attempts: readonly Attempt[]): readonly Attempt[] {
  const byId = new Map<string, Attempt>()
  for (const attempt of attempts) {
    const known = byId.get(attempt.id)
    if (!known || known.changedAt <= attempt.changedAt) byId.set(attempt.id, attempt)
  }
  return [...byId.values()]
}

function told({ network, transaction, from, to, amount }: Transfer): string {
  return `a transfer of ${amount} from ${from} to ${to} on ${network} (${transaction})`
}

/** EVM addresses differ only in the case of their checksum. */
function same(one: string, other: string): boolean {
  return one.startsWith('0x') ? one.toLowerCase() === other.toLowerCase() : one === other
}

function sum(entries: readonly { readonly amount: bigint }[]): bigint {
  return entries.reduce((total, { amount }) => total + amount, 0n)
}

function repeated(items: readonly string[]): string[] {
  return [...new Set(items.filter((item, at) => items.indexOf(item) !== at))]
}
