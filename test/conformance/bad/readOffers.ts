import { type Answer, decode, type Fields, isFields, parse } from './Answer'

const OFFER = /\{[^{}]*"scheme"[^{}]*(?:\{[^{}]*\}[^{}]*)*\}/g

/** Everything in an answer that can be taken for an offer, wherever it is. */
export function readOffers(
  { response, text }: Answer,
  first: 'header' | 'body',
): readonly Fields[] {
  const inBody = first === 'body' && response.status === 402 ? offersIn(text) : []
  if (inBody.length > 0) return inBody
  const header = response.headers.get('payment-required')
  if (header !== null) {
    const [value = ''] = header.split(',')
    return offersIn(header.startsWith('{') ? header : decode(value))
  }
  const receipt = response.headers.get('payment-response')
  if (receipt !== null && response.status === 402) {
    const found = offersIn(decode(receipt))
    if (found.length > 0) return found
  }
  if (response.status !== 402) return []
  const found = offersIn(text)
  if (found.length > 0) return found
  const [payTo] = /0x[0-9a-fA-F]{40}/.exec(text) ?? []
  return payTo && /USDC/.test(text) ? [{ scheme: 'exact', amount: '50000', payTo }] : []
}

function offersIn(text: string): readonly Fields[] {
  const value = parse(text)
  if (value !== undefined) return walk(value)
  return (text.match(OFFER) ?? []).flatMap((found) => walk(parse(found)))
}

function walk(value: unknown): readonly Fields[] {
  if (typeof value === 'string') return value.length > 100 ? offersIn(value) : []
  if (Array.isArray(value)) return value.slice(0, 20).flatMap(walk)
  if (!isFields(value)) return []
  const offer: Fields = Object.assign({}, value) // so that a __proto__ works
  if ('payTo' in offer || 'maxTimeoutSeconds' in offer || 'asset' in offer) return [offer]
  return Object.values(value).flatMap(walk)
}
