import { ARouterError } from '../errors'
import type { Session } from '../session/Session'
import type { Sessions } from '../session/Sessions'
import { createSessions } from '../session/Sessions'
import { answerOffer } from '../siwx/answerOffer'
import type { SignInParameters } from '../siwx/SignIn'

/**
 * The sessions of wallets at a seller of single things: there is no token to keep, and a wallet proves
 * who it is where a 402 offers the x402 extension `sign-in-with-x`.
 */
export function provingSessions(
  first: SignInParameters,
  ...others: readonly SignInParameters[]
): Sessions {
  return createSessions(proving(first), ...others.map(proving))
}

function proving(parameters: SignInParameters): Session {
  const nothing = async () => undefined
  return {
    address: parameters.signer.address,
    current: () => undefined,
    newest: nothing,
    adopt: nothing,
    evict: nothing,
    signIn: async () => {
      throw new ARouterError(
        0,
        'sign_in_unavailable',
        'There is no sign-in at a seller of single things. Funds moved: no.',
      )
    },
    heed: () => undefined,
    prove: (header, url, signal) =>
      'scheme' in parameters.signer ? nothing() : answerOffer(parameters, header, url, signal),
    serve: () => undefined,
    served: () => ({ turn: 0, sentAt: 0 }),
    distrust: async () => undefined,
  }
}
