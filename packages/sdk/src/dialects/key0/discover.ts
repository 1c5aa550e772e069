import { isObject, type JsonObject, parseObject } from '../../encoding'
import { parseMoney } from '../../payment/amount'

/** What a Key0 seller says that it sells. What is paid is what its 402 asks for, within the wallet's limits. */
export type Catalogue = {
  readonly agentName: string | undefined
  readonly description: string | undefined
  readonly plans: readonly Plan[]
  readonly routes: readonly Route[]
}

/** Access that can be bought. */
export type Plan = {
  readonly planId: string
  /** Atomic units of USDC; 0 where it is free, undefined where the price cannot be read. */
  readonly price: bigint | undefined
  readonly description: string | undefined
}

/** A request that can be paid for. */
export type Route = {
  readonly routeId: string
  readonly method: string
  /** Below the base URL; a segment such as `:city` stands for any. */
  readonly path: string
  /** Atomic units of USDC; 0 where it is free, undefined where the price cannot be read. */
  readonly price: bigint | undefined
  readonly description: string | undefined
}

/** Reads `GET /discover`. Entries without a name are left out; undefined where it is none. */
export function readCatalogue(body: string): Catalogue | undefined {
  const value = parseObject(body)
  if (!value) return undefined
  const plans = listOf(value.plans).flatMap((plan) => {
    const planId = text(plan.planId)
    return planId ? [{ planId, price: priceOf(plan), description: text(plan.description) }] : []
  })
  const routes = listOf(value.routes).flatMap((route) => {
    const { routeId, method, path } = route
    const isWhole = [routeId, method, path].every((part) => text(part) !== undefined)
    if (!isWhole) return []
    return [
      {
        routeId: String(routeId),
        method: String(method).toUpperCase(),
        path: String(path),
        price: priceOf(route),
        description: text(route.description),
      },
    ]
  })
  return { agentName: text(value.agentName), description: text(value.description), plans, routes }
}

const DOLLARS = /^\$\d{1,15}(\.\d{1,6})?$/

function priceOf({ unitAmount, free }: JsonObject): bigint | undefined {
  if (free === true || unitAmount === undefined) return 0n
  if (typeof unitAmount !== 'string' || !DOLLARS.test(unitAmount)) return undefined
  return parseMoney(unitAmount as `$${string}`, 'unitAmount') // DOLLARS has looked at it
}

function listOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
