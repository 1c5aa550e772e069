import { isObject, type JsonObject } from '../encoding'

/** x402 extension `payment-identifier`. */
const EXTENSION = 'payment-identifier'

/**
 * `extensions` of a payment: the x402 extension `payment-identifier` with `id`, 16 to 128 letters,
 * digits, `-` and `_`, where the seller asks for one. A payment that is presented again has the same.
 */
export function identify(extensions: JsonObject, id: string): JsonObject | undefined {
  const asked = extensions[EXTENSION]
  if (!isObject(asked) || !isObject(asked.info)) return undefined
  return { [EXTENSION]: { ...asked, info: { ...asked.info, id } } }
}
