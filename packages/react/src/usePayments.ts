import { useBinding } from './ARouterProvider'
import type { Binding, BooksState } from './createBinding'
import { useLive } from './live'

/** What {@link usePayments} returns. Amounts are atomic units of USDC. */
export type PaymentsView = BooksState & Pick<Binding, 'refresh'>

/**
 * The payments and the budget of the connected wallet, as they change.
 * @throws TypeError outside of an `ARouterProvider`.
 */
export function usePayments(): PaymentsView {
  const { books, refresh } = useBinding()
  return { ...useLive(books), refresh }
}
