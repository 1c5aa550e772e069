import { invalidRequest } from '../../http/GatewayError'
import type { JsonObject } from '../../http/jsonObject'

/** How many projects there are to page through. */
const COUNT = 120
const MOST = 50

const projects = Array.from({ length: COUNT }, (_, index) => ({
  id: `project-${index + 1}`,
  name: `Project ${index + 1}`,
  rank: index + 1,
}))

/** The page that `page` (from 1) and `limit` (up to 50) of a query ask for, in the envelope. */
export function projectsPage(query: URLSearchParams): JsonObject {
  const page = wholeNumber(query, 'page', 1, 1_000_000)
  const limit = wholeNumber(query, 'limit', MOST, MOST)
  const from = (page - 1) * limit
  const hasMore = from + limit < COUNT
  const pagination = { page, limit, totalCount: COUNT, hasMore }
  return { status: 200, data: projects.slice(from, from + limit), pagination }
}

function wholeNumber(query: URLSearchParams, name: string, otherwise: number, high: number) {
  const text = query.get(name) ?? String(otherwise)
  if (/^[1-9]\d{0,6}$/.test(text) && Number(text) <= high) return Number(text)
  throw invalidRequest(`${name} must be a whole number from 1 to ${high}`)
}
