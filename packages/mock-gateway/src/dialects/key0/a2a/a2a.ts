import type { Exchange } from '../../../Exchange'
import { createHistory } from '../../../history'
import { asObject } from '../../../http/jsonObject'
import { readJsonBody } from '../../../http/readBody'
import { type RpcCall, rpcCallOf, rpcError, rpcResult } from '../jsonRpc'
import type { Key0Shop } from '../Key0Shop'
import { X402_EXTENSION } from './agentCard'
import { type OpenTask, sendMessage } from './sendMessage'

/** The side of a Key0 seller that agents talk to, in JSON-RPC. */
export interface A2a {
  answer(exchange: Exchange): Promise<Response>
  reset(): void
}

/** Whether a request to `/x402/access` is an agent's. */
export function isOfAgent({ request }: Exchange): boolean {
  return request.headers.has('x-a2a-extensions')
}

/** Remembers the latest tasks. */
export function createA2a(shop: Key0Shop): A2a {
  const tasks = new Map<string, OpenTask>()
  const ids = createHistory<string>(shop.gateway.config.history, (id) => tasks.delete(id))
  const keep = (open: OpenTask) => {
    if (!tasks.has(open.task.id)) ids.add(open.task.id)
    tasks.set(open.task.id, open)
    return open.task
  }

  const cancel = (open: OpenTask) => {
    const known = shop.challenges.ofRequest(open.requestId)
    const reason = 'the buyer cancelled the task'
    if (!known || !shop.challenges.move(known.challengeId, 'PENDING', 'CANCELLED', reason)) {
      return undefined
    }
    const status = { ...open.task.status, state: 'canceled' } as const
    return keep({ ...open, task: { ...open.task, status } })
  }
  const run = async (exchange: Exchange, { id, method, params }: RpcCall) => {
    const open = tasks.get(String(params.id))
    switch (method) {
      case 'message/send': {
        const message = asObject(params.message) ?? {}
        const about = tasks.get(String(message.taskId))
        return rpcResult(id, await sendMessage(shop, exchange, message, about, keep))
      }
      case 'tasks/get':
        return open ? rpcResult(id, open.task) : rpcError(id, -32001, 'there is no such task')
      case 'tasks/cancel': {
        if (!open) return rpcError(id, -32001, 'there is no such task')
        const cancelled = cancel(open)
        return cancelled
          ? rpcResult(id, cancelled)
          : rpcError(id, -32002, 'the task cannot be cancelled')
      }
      default:
        return rpcError(id, -32601, `there is no method ${method}`)
    }
  }

  return {
    answer: async (exchange) => {
      const call = rpcCallOf(await readJsonBody(exchange.request))
      const answer = call
        ? await run(exchange, call)
        : rpcError(undefined, -32600, 'the request is not JSON-RPC 2.0')
      return Response.json(answer, { headers: { 'x-a2a-extensions': X402_EXTENSION } })
    },
    reset: () => {
      tasks.clear()
      ids.clear()
    },
  }
}
