import { parseObject } from '../../encoding'
import { isForWallet, refusal, textOf } from './answers'
import { type Heard, hear } from './Heard'
import type { Via } from './overHttp'

/** A route on its own path: what its backend says is passed on as it is. */
export function overRoute(heard: Heard): Via {
  return (send) => async (input, init) => {
    heard.isPaid ||= new Headers(init?.headers).has('payment-signature')
    const response = await send(input, init)
    const { ok, status, statusText, headers } = response
    if ((ok && status !== 202) || isForWallet(response)) return response
    const text = await textOf(response)
    const body = parseObject(text)
    // One that is not confirmed yet is answered with a 2xx: it is no success.
    if (heard.isPaid && ok && body?.code === 'TX_UNCONFIRMED') return refusal(503, body, heard)
    if (!ok) hear(heard, text)
    return new Response(text, { status, statusText, headers })
  }
}
