import type { Exchange } from '../../../Exchange'
import { strikeOnceSettled } from '../../../faults/strikeOnceSettled'
import { asObject, type JsonObject } from '../../../http/jsonObject'
import { challengeFor } from '../buy'
import { discovery } from '../discovery'
import { Key0Error, key0Error } from '../Key0Error'
import type { Key0Shop } from '../Key0Shop'
import { type OrderTerms, readOrder } from '../readOrder'
import { readPayment } from '../readPayment'
import { sellOrder } from '../sellOrder'
import { askedTask, doneTask, failedTask } from './outcomes'
import { type Task, type TaskFacts, taskOf } from './Task'

/** What a task is about. */
export interface AgentOrder {
  readonly requestId: string
  readonly terms: OrderTerms
}

/** A task, and what it is about. */
export interface OpenTask extends AgentOrder {
  readonly task: Task
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

/** `message/send`: tells what is sold, asks for a payment, or takes one. What fails is a failed task. */
export async function sendMessage(
  shop: Key0Shop,
  exchange: Exchange,
  message: JsonObject,
  open: OpenTask | undefined,
  keep: (open: OpenTask) => Task,
): Promise<Task> {
  const metadata = asObject(message.metadata) ?? {}
  const isPaid = metadata['x402.payment.status'] === 'payment-submitted'
  const place = {
    id: open?.task.id ?? crypto.randomUUID(),
    contextId: open?.task.contextId ?? crypto.randomUUID(),
    at: shop.gateway.clock.now(),
  }
  try {
    const order = orderOf(shop, exchange, message) ?? open
    if (!order && isPaid) throw key0Error('CHALLENGE_NOT_FOUND', 'there is no such task')
    if (!order) {
      const parts = [{ kind: 'data', data: discovery(shop.config) }] as const
      return taskOf({ ...place, state: 'completed', parts })
    }
    const facts = isPaid ? await pay(shop, exchange, order, metadata) : ask(shop, exchange, order)
    return keep({ ...order, task: taskOf({ ...place, ...facts }) })
  } catch (error) {
    if (!(error instanceof Key0Error)) throw error
    return taskOf({ ...place, ...failedTask(error, isPaid ? 'paid' : 'unpaid') })
  }
}

function ask(shop: Key0Shop, exchange: Exchange, { terms, requestId }: AgentOrder): TaskFacts {
  const { offering, resourceId } = terms
  const challenge = challengeFor(shop, { offering, resourceId, requestId })
  return challenge.state === 'DELIVERED'
    ? doneTask(shop, challenge)
    : askedTask(shop, exchange, offering, challenge)
}

async function pay(
  shop: Key0Shop,
  exchange: Exchange,
  { terms, requestId }: AgentOrder,
  metadata: JsonObject,
): Promise<TaskFacts> {
  const payload = asObject(metadata['x402.payment.payload'])
  if (!payload) throw key0Error('INVALID_REQUEST', 'x402.payment.payload is missing')
  const brought = readPayment(shop, payload)
  const challenge = await sellOrder(shop, exchange, 'A2A', terms, requestId, brought)
  strikeOnceSettled(shop.gateway, exchange, () =>
    key0Error('PAYMENT_FAILED', 'payment failed: payment required'),
  )
  return doneTask(shop, challenge)
}

/** The AccessRequest in a message, if there is one. Throws for one that cannot be sold. */
function orderOf(
  shop: Key0Shop,
  exchange: Exchange,
  { parts }: JsonObject,
): AgentOrder | undefined {
  const data = (Array.isArray(parts) ? parts : [])
    .map((part) => asObject(asObject(part)?.data))
    .find((one) => one?.type === 'AccessRequest')
  if (!data) return undefined
  const { requestId } = data
  if (typeof requestId !== 'string' || !UUID.test(requestId)) {
    throw key0Error('INVALID_REQUEST', 'requestId must be a UUID')
  }
  return { requestId, terms: readOrder(shop, data, exchange.url.origin) }
}
