import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import { readJsonBody } from '../http/readBody'
import { parseChatRequest } from '../models/chatRequest'
import { jsonAnswer } from '../models/jsonAnswer'
import { streamAnswer } from '../models/streamAnswer'
import { serve } from './serve'

const OK = { base_resp: { status_code: 0, status_msg: '' } }

/** `POST /v1/text/chatcompletion_v2`: chat in MiniMax's own form. */
export function minimax(gateway: Gateway, exchange: Exchange): Promise<Response> {
  return serve(gateway, exchange, async () => {
    const request = parseChatRequest(await readJsonBody(exchange.request), 'minimax')
    const { model, stream } = request
    return {
      model,
      answer: (payer) =>
        stream === 'none'
          ? jsonAnswer(gateway, exchange, payer, request, OK)
          : streamAnswer(gateway, exchange, payer, request),
    }
  })
}
