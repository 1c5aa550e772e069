import { isARouterError } from '../errors'
import { storeFailed } from './Store'

/** What `work` resolves to; what it fails with becomes `store_failed`, unless it is typed already. */
export async function typed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw isARouterError(cause) ? cause : storeFailed(cause)
  }
}
