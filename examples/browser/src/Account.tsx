import { usePayments, useWallets } from '@arouter/react'
import type { BudgetStatus, PaymentRecord } from '@arouter/sdk'
import { networks } from './gateway'
import { dollars, shortly } from './show'
import { describe } from './trouble'

/** The wallet in use, its budget and its payments. */
export function Account() {
  const { wallet, address = '', disconnect } = useWallets()
  const { payments, budget, error } = usePayments()
  return (
    <aside aria-label="Wallet">
      <div className="who">
        {wallet?.icon && <img src={wallet.icon} alt="" />}
        <p>
          <strong>{wallet?.name}</strong>
          <span title={address}>{shortly(address)}</span>
        </p>
        <button type="button" onClick={disconnect}>
          Disconnect
        </button>
      </div>
      {budget ? <Budget budget={budget} /> : <p className="hint">Reading your books…</p>}
      {error !== undefined && (
        <p className="alert" role="alert">
          {describe(error).title}
        </p>
      )}
      <details className="payments" open={window.matchMedia('(min-width: 56rem)').matches}>
        <summary>
          Payments <span className="count">{payments.length}</span>
        </summary>
        {payments.length === 0 ? (
          <p className="hint">None yet. The first question buys the first dollar of credit.</p>
        ) : (
          <ul>
            {payments.map((payment) => (
              <Payment key={payment.id} payment={payment} />
            ))}
          </ul>
        )}
      </details>
    </aside>
  )
}

function Budget({ budget }: { readonly budget: BudgetStatus }) {
  const used = budget.spent + budget.reserved
  return (
    <div className="budget">
      <p id="budget">
        <strong>{dollars(used)}</strong> of {dollars(budget.limit)} today
      </p>
      <meter
        aria-labelledby="budget"
        max={Number(budget.limit)}
        high={Number(budget.limit) * 0.79}
        value={Number(used)}
      />
      <p className="hint">{dollars(budget.remaining)} left</p>
    </div>
  )
}

const STATES = {
  intended: ['open', 'To be decided'],
  signed: ['open', 'On its way'],
  unknown: ['open', 'Not confirmed yet'],
  refused: ['open', 'Refused'],
  settled: ['paid', 'Paid'],
  abandoned: ['none', 'Not made'],
  dead: ['none', 'Expired unused'],
  writtenOff: ['none', 'Given up'],
} as const

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

function Payment({ payment }: { readonly payment: PaymentRecord }) {
  const { amount, network, state, createdAt, transaction } = payment
  const [mark, word] = STATES[state]
  return (
    <li className={mark}>
      <span className="amount">{dollars(amount)}</span>
      <span className="state">{word}</span>
      <span className="where" title={transaction}>
        {networks[network] ?? network} · {clock.format(createdAt)}
      </span>
    </li>
  )
}
