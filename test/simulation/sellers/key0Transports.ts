import { createHash } from 'node:crypto'
import { ORIGIN } from '../World'
import { ask, offerOf, type Price, receipt, receiptOf, requiredOf } from './asking'
import type { Sold } from './key0Book'
import type { Paid } from './Scene'

type Fields = Readonly<Record<string, unknown>>

/** An order as each of Key0's transports has it. */
export type Order = { readonly requestId: string; readonly resourceId: string }

/** The body of a call of JSON-RPC, as far as Key0 looks at it. */
type Call = {
  readonly method?: string
  readonly params?: {
    readonly message?: {
      readonly parts: readonly { readonly data: Order }[]
      readonly metadata?: { readonly 'x402.payment.payload'?: Payload }
    }
    readonly arguments?: { readonly resourceId: string }
    readonly _meta?: { readonly 'x402/payment'?: Payload }
  }
}
type Payload = { readonly payload: { readonly nonce: string; readonly signature: string } }

/** The payment in the body of a call over A2A or MCP. */
export function paymentIn(body: string): Payload['payload'] | undefined {
  const { params } = read(body)
  const held =
    params?.message?.metadata?.['x402.payment.payload'] ?? params?._meta?.['x402/payment']
  return held?.payload
}

/** What is ordered, whichever transport asks. */
export function orderIn(body: string): Order {
  const call = read(body)
  const { params } = call
  const [part] = params?.message?.parts ?? []
  if (part) return part.data
  const resourceId = params?.arguments?.resourceId
  if (resourceId === undefined) return call as unknown as Order // HTTP's own has it at the top
  const { signature = '' } = paymentIn(body) ?? {}
  const hash = createHash('sha256').update(signature).digest('hex')
  return { requestId: `mcp-${hash.slice(0, 32)}`, resourceId }
}

function read(body: string): Call {
  return body === '' ? {} : JSON.parse(body)
}

/** The grant of a payment, as Key0 writes it. */
function grantFor({ nonce }: Paid, { requestId, resourceId }: Order): Fields {
  return {
    type: 'AccessGrant',
    challengeId: `http-${nonce}`,
    requestId,
    accessToken: `token-${nonce}`,
    tokenType: 'Bearer',
    resourceEndpoint: `${ORIGIN}/api`,
    resourceId,
    planId: 'basic',
    txHash: `0x${'1'.repeat(64)}`,
    explorerUrl: `https://explorer.test/${nonce}`,
  }
}

/** Answers an order over HTTP. */
export function overHttp(price: Price, order: Order, sold: Sold): Response {
  const told = receipt(price.holder)
  if (sold.kind === 'grant') {
    return Response.json(grantFor(sold.paid, order), { headers: sold.isTold ? told : {} })
  }
  if (sold.kind === 'terms') return ask(price)
  const { status, code, isTold } = sold
  const body = { type: 'Error', code, message: 'no' }
  return Response.json(body, { status, headers: isTold ? told : {} })
}

/** The same over A2A: a task. */
export function overA2a(price: Price, order: Order, sold: Sold): Response {
  const task = (
    state: string,
    metadata: Fields,
    more: Fields = {},
    parts: readonly Fields[] = [],
  ) => {
    const message = { kind: 'message', role: 'agent', messageId: 'm', parts, metadata }
    const result = { kind: 'task', id: 't', contextId: 'c', status: { state, message }, ...more }
    return Response.json({ jsonrpc: '2.0', id: 1, result })
  }
  if (sold.kind === 'terms') {
    // Without the name and version of USDC, as Key0 has it here.
    const offer = { ...offerOf(price), extra: { requestId: order.requestId } }
    const required = { ...requiredOf(price), accepts: [offer] }
    const status = 'payment-required'
    return task('input-required', {
      'x402.payment.status': status,
      'x402.payment.required': required,
    })
  }
  if (sold.kind === 'grant') {
    const data = grantFor(sold.paid, order)
    const artifacts = [{ name: 'access-grant', parts: [{ kind: 'data', data }] }]
    const receipts = sold.isTold ? [{ ...receiptOf(price.holder), network: 'base' }] : []
    return task('completed', { 'x402.payment.receipts': receipts }, { artifacts })
  }
  const data = { type: 'Error', code: sold.code, message: 'no' }
  return task('failed', { 'x402.payment.error': sold.code }, {}, [{ kind: 'data', data }])
}

/** The same as the result of an MCP tool. */
export function overMcp(price: Price, order: Order, sold: Sold): Response {
  const result = (content: Fields) => {
    const text = JSON.stringify({ jsonrpc: '2.0', id: 1, result: content })
    const headers = { 'content-type': 'text/event-stream' }
    return new Response(`event: message\ndata: ${text}\n\n`, { headers })
  }
  const write = (value: Fields) => [{ type: 'text', text: JSON.stringify(value) }]
  if (sold.kind === 'terms') {
    const structuredContent = requiredOf({ ...price, error: sold.error })
    return result({ isError: true, structuredContent, content: [] })
  }
  if (sold.kind === 'refusal') {
    const content = write({ type: 'Error', code: sold.code, message: 'no' })
    return result({ isError: true, content })
  }
  const content = write({ status: 'access_granted', ...grantFor(sold.paid, order) })
  const told = sold.isTold && { _meta: { 'x402/payment-response': receiptOf(price.holder) } }
  return result({ content, ...told })
}
