import { usePayments, useWallets } from '@arouter/react'
import type { BudgetStatus } from '@arouter/sdk'
import { useEffect, useRef } from 'react'
import { answer, useDesk } from './desk'
import { host, networks } from './gateway'
import { dollars, shortly } from './show'

/** Shows the price and asks, before anything is signed. Escape and a closed dialog mean no. */
export function Approval() {
  const { asked } = useDesk()
  const { budget, refresh } = usePayments()
  const { wallet } = useWallets()
  const dialog = useRef<HTMLDialogElement>(null)

  useEffect(() => {
    if (!asked) return dialog.current?.close()
    dialog.current?.showModal()
    refresh()
  }, [asked, refresh])

  return (
    <dialog ref={dialog} aria-labelledby="price" onClose={() => asked && answer('do not pay')}>
      {asked && (
        <>
          <h2 id="price">Pay {dollars(asked.amount)}?</h2>
          <p>It buys credit at this gateway. Your questions spend it; what is left stays yours.</p>
          <dl>
            <dt>Amount</dt>
            <dd>{dollars(asked.amount)} USDC</dd>
            <dt>Network</dt>
            <dd>{networks[asked.network] ?? asked.network}</dd>
            <dt>To</dt>
            <dd>
              <span title={asked.payTo}>{shortly(asked.payTo)}</span>
              <small>{host}</small>
            </dd>
            <dt>From</dt>
            <dd>
              <span title={asked.from}>{shortly(asked.from)}</span>
              <small>{wallet?.name}</small>
            </dd>
            {budget && (
              <>
                <dt>Left today</dt>
                <dd>{dollars(leftAfter(asked.amount, budget))} after this</dd>
              </>
            )}
          </dl>
          <div className="choices">
            <button type="button" onClick={() => answer('do not pay')}>
              Not now
            </button>
            <button type="button" className="primary" onClick={() => answer('pay')}>
              Pay {dollars(asked.amount)}
            </button>
          </div>
        </>
      )}
    </dialog>
  )
}

// The amount is set aside before this asks, but these books may be a moment older.
function leftAfter(amount: bigint, { limit, spent, reserved }: BudgetStatus): bigint {
  return limit - spent - (reserved > amount ? reserved : amount)
}
