import type { Asked } from './AccessRequest'
import { isForWallet, judged } from './answers'
import type { Heard } from './Heard'

/** Wraps a `fetch` for one kind of conversation. */
export type Via = (send: typeof fetch) => typeof fetch

/** Plain HTTP: what is a grant, and what Key0 means by a status, is looked at before the wallet goes by it. */
export function overHttp(asked: Asked, heard: Heard): Via {
  return (send) => async (input, init) => {
    heard.isPaid ||= new Headers(init?.headers).has('payment-signature')
    const response = await send(input, init)
    return isForWallet(response) ? response : judged(response, asked, heard)
  }
}
