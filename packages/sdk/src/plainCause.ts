import { isARouterError } from './errors'
import { redact } from './redact'

const DEEPEST = 4

/**
 * What went wrong below us, told again with nothing secret in it: name, code, redacted words, stack
 * and causes. Other members of foreign errors hold requests, commands and bytes that came.
 */
export function plainCause(cause: unknown, depth = DEEPEST): unknown {
  if (isARouterError(cause)) return cause
  if (typeof cause === 'string') return redact(cause)
  if (typeof cause !== 'object' || cause === null) return cause
  const { name, message, stack, code, cause: deeper } = membersOf(cause)
  const inner = depth > 1 ? plainCause(deeper, depth - 1) : undefined
  const plain = new Error(redact(text(message)), inner === undefined ? undefined : { cause: inner })
  // Only what follows the words, which may look like anything.
  const [, ...after] = text(stack).split(text(message) || '\n')
  const frames = after
    .join('')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
  plain.name = redact(text(name)) || 'Error'
  plain.stack = [String(plain), ...frames].join('\n')
  if (typeof code === 'number') return Object.assign(plain, { code })
  return typeof code === 'string' ? Object.assign(plain, { code: redact(code) }) : plain
}

function membersOf(value: object): Readonly<Record<string, unknown>> {
  const { name, message, stack, code, cause } = value as Record<string, unknown> // any object has members
  return { name, message, stack, code, cause }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
