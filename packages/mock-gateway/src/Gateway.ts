import type { Chain } from './chain/Chain'
import type { GatewayClock } from './clock'
import type { Sales } from './dialects/sales'
import type { FaultSource } from './faults/faults'
import type { GatewayConfig } from './options'
import type { Cashier } from './payments/cashier'
import type { Facilitator } from './payments/facilitator'
import type { Terms } from './payments/requirements'
import type { SignInDesk } from './siwx/checkSignIn'
import type { Journal } from './state'
import type { StateKeeper } from './stateKeeper'
import type { Keys } from './tenants/keys'
import type { RateLimit } from './tenants/rateLimit'
import type { Tenants } from './tenants/tenants'
import type { Tokens } from './tenants/tokens'
import type { Generations } from './usage/generations'

/** The parts of a running gateway, as its routes see them. */
export interface Gateway {
  readonly config: GatewayConfig
  readonly clock: GatewayClock
  readonly chains: readonly Chain[]
  readonly terms: Terms
  readonly tenants: Tenants
  readonly keys: Keys
  readonly generations: Generations
  /** In the order in which they are asked; free models have some of their own. */
  readonly rateLimits: { readonly all: readonly RateLimit[]; readonly free: readonly RateLimit[] }
  readonly tokens: Tokens
  readonly facilitator: Facilitator
  readonly cashier: Cashier
  readonly sales: Sales
  readonly desk: SignInDesk
  readonly faults: FaultSource
  readonly journal: Journal
  readonly keeper: StateKeeper
  /** The hosts that the origin at hand is known by. */
  readonly hosts: ReadonlySet<string>
}
