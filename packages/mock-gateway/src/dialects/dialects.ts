import { type AixbtOptions, aixbt } from './aixbt/aixbt'
import { arouter } from './arouter/arouter'
import type { Dialect, Ground, OpenDialect } from './Dialect'
import { key0 } from './key0/key0'
import type { Key0Options } from './key0/options'
import type { SolrouterOptions } from './solrouter/options'
import { solrouter } from './solrouter/solrouter'
import { type X402Options, x402 } from './x402/x402'

/** The options of each dialect that has any. */
export interface DialectOptions {
  readonly aixbt?: AixbtOptions
  readonly key0?: Key0Options
  readonly solrouter?: SolrouterOptions
  readonly x402?: X402Options
}

/** Name of a dialect. */
export type DialectName = 'arouter' | keyof DialectOptions

/** Every dialect by its name, which is also the name of its options. */
const dialects = { arouter, aixbt, key0, solrouter, x402 } as const satisfies Record<
  DialectName,
  Dialect<never>
>

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
  return dialect.open(ground, name === 'arouter' ? undefined : options[name])
}
