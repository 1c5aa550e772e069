import type { Token } from '../exchange'
import type { Session } from './Session'

/** The sessions of a client's wallets: the one in use, and those it can change to. */
export type Sessions = {
  readonly active: () => Session
  /** The wallet that pays is the wallet of the session: the payer's becomes the one in use. */
  readonly activate: (address: string) => Session
  /** The token that stands in the store, which makes its wallet the one in use. */
  readonly stored: () => Promise<Token | undefined>
}

/** The first is in use until another wallet pays. */
export function createSessions(first: Session, ...others: readonly Session[]): Sessions {
  let active = first
  return {
    active: () => active,
    activate: (address) => {
      active = [first, ...others].find((session) => session.address === address) ?? active
      return active
    },
    stored: async () => {
      for (const session of [active, first, ...others]) {
        const token = await session.newest()
        if (!token || !session.current()) continue
        active = session
        return token
      }
      return undefined
    },
  }
}
