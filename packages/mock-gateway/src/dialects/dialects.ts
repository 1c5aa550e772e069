import { aixbt } from './aixbt/aixbt'
import { arouter } from './arouter/arouter'
import type { Dialect, Ground, OpenDialect } from './Dialect'
import { key0 } from './key0/key0'
import { solrouter } from './solrouter/solrouter'
import { x402 } from './x402/x402'

/** Every dialect by its name, which is also the name of its options. */
const dialects = {
  arouter,
  aixbt,
  key0,
  solrouter,
  x402,
}

/** Name of a dialect. */
export type DialectName = keyof typeof dialects

/** The options of each dialect that has any. */
export type DialectOptions = {
  readonly [Name in DialectName]?: NonNullable<Parameters<(typeof dialects)[Name]['open']>[1]>
}

/** Names of the dialects there are. */
export const dialectNames: readonly string[] = Object.keys(dialects)

/** Whether a text names a dialect. */
export function isDialectName(text: string): text is DialectName {
  return Object.hasOwn(dialects, text)
}

/** Opens a dialect with its own of the options. Throws GatewayConfigError for one it cannot use. */
export function openDialect(
  name: DialectName,
  ground: Ground,
  options: DialectOptions,
): OpenDialect {
  const dialect: Dialect<unknown> = dialects[name]
  return dialect.open(ground, options[name])
}
