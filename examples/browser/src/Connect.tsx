import { useWallets, type WalletChoice } from '@arouter/react'
import { useEffect, useRef } from 'react'
import { describe } from './trouble'

const CHAINS = { eip155: 'Base', solana: 'Solana' } as const
const DEMO = 'eip155:ai.arouter.demo'

/** The first page: a wallet is chosen. */
export function Connect() {
  const { wallets, status, wallet, error, connect } = useWallets()
  const heading = useRef<HTMLHeadingElement>(null)
  const extensions = wallets.filter(({ id }) => id !== DEMO)
  const demo = wallets.find(({ id }) => id === DEMO)
  const trouble = error === undefined ? undefined : describe(error)

  // Whoever just disconnected is not left without a place to go on from.
  useEffect(() => {
    heading.current?.focus()
  }, [])

  const button = (choice: WalletChoice, note: string) => {
    const isAsked = status === 'connecting' && wallet?.id === choice.id
    return (
      <li key={choice.id}>
        <button
          type="button"
          className="wallet"
          disabled={status === 'connecting'}
          onClick={() => connect(choice)}
        >
          {choice.icon ? <img src={choice.icon} alt="" /> : <span className="icon" />}
          <span className="name">{choice.name}</span>
          <span className="note">{isAsked ? 'Open your wallet…' : note}</span>
          {isAsked && <span className="spinner" />}
        </button>
      </li>
    )
  }

  return (
    <main className="connect">
      <h1 ref={heading} tabIndex={-1}>
        Ask a model, pay from your wallet
      </h1>
      <p className="lead">
        No account and no key. You see each price before you sign, a dollar at a time, five a day at
        most.
      </p>
      <section aria-labelledby="choose">
        <h2 id="choose">Choose a wallet</h2>
        <ul className="wallets">
          {extensions.map((choice) => button(choice, CHAINS[choice.namespace]))}
          {demo && button(demo, 'Test double, play money')}
        </ul>
        {extensions.length === 0 && (
          <p className="hint">
            No extension found in this browser. MetaMask, Coinbase Wallet and Phantom show up here
            by themselves.
          </p>
        )}
        <div aria-live="polite">
          {status === 'connecting' && <p className="sr-only">Open your wallet to connect.</p>}
          {trouble && <p className="alert">{trouble.title}</p>}
        </div>
      </section>
      <ol className="promises">
        <li>
          <strong>At most one payment per need.</strong> A lost answer or a second tab never pays
          twice.
        </li>
        <li>
          <strong>Nothing hostile is signed.</strong> Only a transfer you approved, or a sign-in for
          this gateway.
        </li>
        <li>
          <strong>Your credit is kept.</strong> What you bought is spent before more is bought, also
          after a reload.
        </li>
      </ol>
    </main>
  )
}
