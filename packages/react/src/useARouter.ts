import type { ARouter } from '@arouter/sdk'
import { useBinding } from './ARouterProvider'
import { useLive } from './live'

/**
 * The client: pays with the connected wallet, and with none while none is.
 * @throws TypeError outside of an `ARouterProvider`.
 */
export function useARouter(): ARouter {
  return useLive(useBinding().client)
}
