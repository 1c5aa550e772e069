import type { JsonObject } from '../../http/jsonObject'
import type { Key0Config } from './options'

/** `GET /discover`: what is sold, and neither where it is paid nor to whom. */
export function discovery({ agentName, description, plans, routes }: Key0Config): JsonObject {
  return {
    agentName,
    description,
    plans: plans.map(({ id, price, description }) => ({
      planId: id,
      unitAmount: price ?? '$0.00',
      ...(description === undefined ? {} : { description }),
      ...(price === undefined ? { free: true } : {}),
    })),
    routes: routes.map(({ id, method, path, price, description }) => ({
      routeId: id,
      method,
      path,
      ...(price === undefined ? {} : { unitAmount: price }),
      ...(description === undefined ? {} : { description }),
    })),
  }
}
