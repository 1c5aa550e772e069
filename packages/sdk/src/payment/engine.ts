import { readText } from '../body'
import type { Send } from '../compose'
import { retell } from '../errors'
import { abortable, carry, discard, type Exchange } from '../exchange'
import { randomHex } from '../randomHex'
import type { Wallet } from '../wallet'
import { type BudgetStatus, bothBudgets, createBudget } from './budget'
import { bareRequest, isCreditBelow } from './credit'
import type { WalletBalance } from './Funds'
import { reasonOf } from './failures'
import { foreseeCredit, foreseePayment } from './foresee'
import { createJournal, LEASE_MS, PATIENT_LEASE_MS } from './journal'
import { lead } from './lead'
import { type Outcome, outcomeOf } from './outcome'
import { type Account, lastPayer, type Payer } from './Payer'
import { createPayments, type Payments } from './Payments'
import type { PaymentIntent } from './policy'
import { readTerms } from './readTerms'
import type { PaymentRequired } from './requirements'
import { carryToken } from './settle'
import { walletBalances } from './walletBalances'

const MOST_BYTES = 64 * 1024

/** Meets 402s with one wallet's money, and keeps its books. Loaded when first needed. */
export type Engine = {
  /**
   * Answers `refusal`, a 402: makes one caller of this process the leader, who recovers or pays,
   * while all others wait and then send again with the token it brought.
   */
  readonly meet: (exchange: Exchange, next: Send, refusal: Response) => Promise<Response>
  /** Buys credit ahead if less than `mark` is left: one top-up for all who see it, inside the budget. Never rejects. */
  readonly refill: (next: Send, mark: bigint) => Promise<void>
  readonly payments: Payments
  readonly budget: Budgets
  /** As {@link walletBalances}. */
  readonly balances: () => Promise<readonly WalletBalance[]>
  /** As {@link foreseeCredit}. */
  readonly credit: () => Promise<bigint | undefined>
  /** As {@link foreseePayment}. */
  readonly dryRun: (
    input?: string | URL | Request,
    init?: RequestInit,
  ) => Promise<PaymentIntent | undefined>
  /** The wallet that paid here last, as far as the store tells. */
  readonly lastPayer: () => Promise<string | undefined>
}

/** The budgets of a client's wallets. */
export type Budgets = {
  /** One entry for each wallet. */
  readonly status: () => Promise<readonly BudgetStatus[]>
}

/** What an engine is made of: a payer whose books are still to be opened. */
export type EngineParameters = Omit<Payer, 'accounts' | 'worker'> & {
  readonly wallets: readonly Wallet[]
}

export function createEngine(parameters: EngineParameters): Engine {
  const { base, runtime } = parameters
  const payer = openBooks(parameters)
  const { accounts } = payer
  let flight: Promise<Outcome> | undefined

  return {
    meet,
    refill: (next, mark) =>
      refill(next, mark).catch((error) =>
        payer.emit({ type: 'top-up-failed', origin: base.origin, reason: reasonOf(error) }),
      ),
    payments: createPayments(payer),
    budget: { status: () => Promise.all(accounts.map(({ budget }) => budget.status())) },
    credit: () => foreseeCredit(payer),
    dryRun: (input, init) => foreseePayment(payer, input, init),
    balances: () => walletBalances(payer),
    lastPayer: async () => (await lastPayer(accounts))?.wallet.address,
  }

  async function meet(exchange: Exchange, next: Send, refusal: Response): Promise<Response> {
    let response = refusal
    let triedWhatWasPaid = false
    for (;;) {
      exchange.refusedAt = runtime.now()
      payer.clock.learn(response.headers)
      const newest = await payer.sessions.active().newest()
      if (newest && newest.jwt !== exchange.token?.jwt) {
        discard(response)
        carry(exchange, newest)
      } else {
        const { required, unpaid } = await readTerms(response, exchange, runtime)
        let outcome: Outcome = { kind: 'gone' }
        // Those whose leader failed on its own account lead in turn, one after the other.
        while (flight && outcome.kind === 'gone') outcome = await abortable(flight, exchange.signal)
        if (outcome.kind === 'concluded') throw retell(outcome.error)
        if (outcome.kind === 'paid') {
          if (triedWhatWasPaid) throw retell(outcome.error)
          triedWhatWasPaid = true
        }
        if (outcome.kind === 'gone') {
          const answer = await takeTheLead(exchange, next, required)
          if (answer === 'no terms') return unpaid
          if (answer !== 'met elsewhere') return answer
        }
        await carryToken(payer, payer.sessions.active().address, exchange)
      }
      response = await next(exchange)
      if (response.status !== 402) return response
    }
  }

  async function refill(next: Send, mark: bigint): Promise<void> {
    const isLow = () => isCreditBelow(payer, next, mark)
    if (flight || !(await isLow())) return
    const exchange = await bareRequest(payer)
    exchange.paying = true // So that no layer proves the wallet, which has credit, in the place of this.
    const refusal = await next(exchange)
    exchange.paying = false
    if (refusal.status !== 402) return discard(refusal)
    payer.clock.learn(refusal.headers)
    const { required } = await readTerms(refusal, exchange, runtime)
    if (flight || !required) return
    const answer = await takeTheLead(exchange, next, required, isLow)
    if (typeof answer !== 'string')
      await readText(answer, runtime, { idle: exchange.timeout, most: MOST_BYTES })
  }

  function takeTheLead(
    exchange: Exchange,
    next: Send,
    required: PaymentRequired | undefined,
    isStillLow?: () => Promise<boolean>,
  ) {
    const led = lead(payer, exchange, next, required, isStillLow)
    const mine = led.then(() => ({ kind: 'met' }) as const, outcomeOf)
    flight = mine
    mine.finally(() => {
      flight = undefined
    })
    return led
  }
}

/** A payer whose books are open. */
export function openBooks({ wallets, ...parameters }: EngineParameters): Payer {
  const { store, base, runtime, need } = parameters
  const accounts = wallets.map((wallet): Account => {
    const { address, interactive } = wallet
    const lease = interactive ? PATIENT_LEASE_MS : LEASE_MS
    return {
      wallet,
      journal: createJournal(store, base.origin, address, runtime.now, lease, need?.id),
      budget: budgetOf(parameters, address),
      met: { payments: 0, turn: 0 },
      made: { id: '', turn: 0 },
    }
  })
  return { ...parameters, accounts, worker: randomHex(8) }
}

function budgetOf(
  { store, base, policy, runtime }: Omit<EngineParameters, 'wallets'>,
  address: string,
) {
  const all = createBudget(store, address, policy, runtime.now)
  if (policy.perOrigin === undefined) return all
  const limits = { limit: policy.perOrigin, window: policy.window }
  const key = `budget/${base.origin}/${address}`
  return bothBudgets(all, createBudget(store, address, limits, runtime.now, key))
}
