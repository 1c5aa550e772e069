import { useWallets } from '@arouter/react'
import { Account } from './Account'
import { Approval } from './Approval'
import { Chat } from './Chat'
import { Connect } from './Connect'

export function App() {
  const { status, address } = useWallets()
  // A change of account is followed without taking the conversation away.
  const isIn = status === 'connected' || address !== undefined
  return (
    <div className={isIn ? 'page' : 'page alone'}>
      <header>
        <p className="brand">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="9" fill="var(--accent)" />
            <path d="M9 22 16 9l7 13" />
          </svg>
          ARouter chat
        </p>
        <p className="badge">
          <span>Mock gateway · </span>Test networks
        </p>
      </header>
      {isIn ? (
        <>
          <Account />
          <Chat />
        </>
      ) : (
        <Connect />
      )}
      <Approval />
    </div>
  )
}
