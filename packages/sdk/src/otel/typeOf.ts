import { isARouterError } from '../errors'

/** `error.type`: the code of an error of ours, or the name of another. Its message may quote anything. */
export function typeOf(error: unknown): string {
  if (isARouterError(error)) return error.code
  return error instanceof Error && /^\w{1,50}$/.test(error.name) ? error.name : '_OTHER'
}
