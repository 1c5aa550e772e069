import type { AgentWallet } from '../../agent/createAgentWallet'
import { isObject, type JsonObject, parseObject } from '../../encoding'
import { PAYMENT } from '../../mcpPayment'
import { inTurn } from '../../store/inTurn'
import { paymentOn, withoutPayment } from '../../x402Headers'
import { inHttp } from './inHttp'

/** What pays for calls of tools; its `origins` must have the server's. */
export type McpWallet = Pick<AgentWallet, 'fetch'>

/** How the rest of MCP goes out. */
export type McpFetchOptions = {
  /** Used instead of the global `fetch` for what is not paid for. */
  readonly customFetch?: typeof fetch
}

/**
 * A `fetch` for the Streamable HTTP transport of an MCP client: a call of a tool that asks for a payment,
 * in its result (x402 v2, MCP transport) or by HTTP's 402, is paid for once by `wallet` and made again with
 * the payment. All else, free tools too, goes out as it is, once, and never through the wallet. A call of
 * the same tool with the same arguments is another purchase, but where the answer to the last one was lost.
 * @throws ARouterError, PaymentPolicyError: as `wallet.fetch` does, which rejects the call of the tool.
 */
export function mcpFetch(wallet: McpWallet, options: McpFetchOptions = {}) {
  const { customFetch = (input, init) => globalThis.fetch(input, init) } = options
  // Two calls of a tool are two purchases, with an answer each.
  const oneByOne = inTurn()
  return async (input: string | URL, init?: RequestInit): Promise<Response> => {
    const response = await customFetch(input, init)
    const call = readCall(init)
    if (!call) return response
    const answer = await inHttp(response, call.id)
    if (answer.response.status !== 402) return answer.response
    const first = { ...answer, isOverHttp: response.status === 402 }
    const need = needOf(call)
    return oneByOne(`${input} ${need}`, () =>
      wallet.fetch(input, { ...init, body: need, via: payingFor(call, first, init?.body) }),
    )
  }
}

type Call = JsonObject & { readonly params: JsonObject }

function readCall({ method, body }: RequestInit = {}): Call | undefined {
  const call = method === 'POST' && typeof body === 'string' ? parseObject(body) : undefined
  const { params } = call ?? {}
  return call?.method === 'tools/call' && isObject(params) ? { ...call, params } : undefined
}

/** What a call is for, whatever its number: one that is made again is no other need. */
function needOf({ params }: Call): string {
  return JSON.stringify({ tool: params.name, arguments: params.arguments })
}

type First = {
  readonly response: Response
  readonly resource: unknown
  /** The server has x402 in HTTP: nothing is to be moved. */
  readonly isOverHttp: boolean
}

/** The wallet has the terms that came already, and its payment goes where the server looks for it. */
function payingFor(
  call: Call,
  { response: terms, resource, isOverHttp }: First,
  said: RequestInit['body'],
) {
  let known: Response | undefined = terms
  return (send: typeof fetch): typeof fetch =>
    async (input, init) => {
      const payment = paymentOn(init)
      const response = known
      known = undefined
      if (response && !payment) return response
      if (isOverHttp) return send(input, { ...init, ...(said && { body: said }) })
      const { params } = call
      const meta = isObject(params._meta) ? params._meta : {}
      const paid = payment && {
        _meta: { ...meta, [PAYMENT]: { ...payment, ...(resource !== undefined && { resource }) } },
      }
      const body = JSON.stringify({ ...call, params: { ...params, ...paid } })
      const answer = await send(input, { ...init, headers: withoutPayment(init), body })
      return (await inHttp(answer, call.id)).response
    }
}
