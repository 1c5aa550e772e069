import { ARouterError } from '../errors'
import { sleep } from '../runtime'
import type { Attempt } from './Attempt'
import { type Account, factsOf, type Payer } from './Payer'
import type { PaymentFacts } from './PaymentFacts'
import { fateOf } from './recover'
import type { SignedStatement } from './SignedStatement'
import { conclude, finish, NEVER_USED, release, settle } from './settle'

/** One entry of the journal, fit to be shown. */
export type PaymentRecord = PaymentFacts &
  Pick<
    Attempt,
    | 'state'
    | 'createdAt'
    | 'expiresAt'
    | 'transaction'
    | 'evidence'
    | 'settledBy'
    | 'reason'
    | 'resource'
  > & {
    /** What an agent wallet's seller signed, where it did (x402 extension `offer-receipt`). */
    readonly signedOffer?: SignedStatement
    readonly signedReceipt?: SignedStatement
  }

/** The wallet's journal at this gateway. */
export type Payments = {
  /** All payments, open ones first. */
  readonly list: () => Promise<readonly PaymentRecord[]>
  /** Decides what the chain can decide of open payments; resolves to those still open. */
  readonly reconcile: () => Promise<readonly PaymentRecord[]>
  /**
   * Gives an open payment up, on your word that its money is gone: it counts as spent, and the next
   * need is paid anew.
   * @throws ARouterError `no_such_payment`.
   */
  readonly writeOff: (id: string) => Promise<void>
}

export function createPayments(payer: Payer): Payments {
  const open = async () => {
    const found: { account: Account; attempt: Attempt }[] = []
    for (const account of payer.accounts) {
      const attempt = await account.journal.open()
      if (attempt && !attempt.answer) found.push({ account, attempt })
    }
    return found
  }

  const decide = async (account: Account, found: Attempt) => {
    if (await isWorkedOn(payer, account, found)) return
    const attempt = await account.journal.takeOver(found, payer.worker)
    if (attempt?.id !== found.id || attempt.worker !== payer.worker) return
    if (await finish(payer, account, attempt)) return
    const fate = await fateOf(payer, account, attempt)
    if (fate === 'dead') return release(payer, account, attempt, 'dead', NEVER_USED)
    if (fate === 'settled') {
      const served = attempt.served ? 'yes' : 'no'
      await settle(payer, account, attempt, { settledBy: 'chain', served })
    }
  }

  return {
    list: async () => {
      const lists = await Promise.all(payer.accounts.map(({ journal }) => journal.list()))
      return lists.flat().map(recordOf)
    },
    reconcile: async () => {
      for (const { account, attempt } of await open()) await decide(account, attempt)
      return (await open()).map(({ attempt }) => recordOf(attempt))
    },
    writeOff: async (id) => {
      const found = (await open()).find(({ attempt }) => attempt.id === id)
      if (!found) throw noSuchPayment(id)
      const { account, attempt } = found
      await conclude(payer, account, attempt, {
        state: 'writtenOff',
        reason: 'written off by hand',
      })
    },
  }
}

/** The error for a payment that is not open, or is not known. */
export function noSuchPayment(id: string): ARouterError {
  return new ARouterError(0, 'no_such_payment', `There is no open payment ${id}. Funds moved: no.`)
}

// By a call of this process too: nothing is taken out of its hands.
async function isWorkedOn({ runtime }: Payer, { journal }: Account, found: Attempt) {
  if (await journal.isFree(found, '')) return false
  await sleep(runtime, found.lease)
  const standing = await journal.open()
  return standing?.id !== found.id || !(await journal.isFree(standing, ''))
}

/** A journal entry without its secrets. */
export function recordOf(attempt: Attempt): PaymentRecord {
  const { state, createdAt, expiresAt, transaction, evidence, settledBy, reason, resource } =
    attempt
  const optional = { expiresAt, transaction, evidence, settledBy, reason, resource }
  const known = Object.entries(optional).filter(([, value]) => value !== undefined)
  return { ...factsOf(attempt), state, createdAt, ...Object.fromEntries(known) }
}
