import { invalidRequest } from '../http/GatewayError'

const LARGEST = 1_000

/** The page that a query asks for by `offset` and its parameter `size`; all of it without either. */
export function pageOf<T>(items: readonly T[], query: URLSearchParams, size: string): readonly T[] {
  const offset = wholeNumber(query, 'offset', 0)
  return items.slice(offset, offset + wholeNumber(query, size, LARGEST))
}

function wholeNumber(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name)
  if (text === null) return otherwise
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw invalidRequest(`${name} must be a whole number`)
}
