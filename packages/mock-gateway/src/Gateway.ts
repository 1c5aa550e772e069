import type { Chain } from './chain/chains'
import type { GatewayClock } from './clock'
import type { FaultSource } from './faults/faults'
import type { GatewayConfig } from './options'
import type { Cashier } from './payments/cashier'
import type { Terms } from './payments/requirements'
import type { SignInDesk } from './siwx/checkSignIn'
import type { Journal } from './state'
import type { Tenants } from './tenants/tenants'
import type { Tokens } from './tenants/tokens'

/** The parts of a running gateway, as its routes see them. */
export interface Gateway {
  readonly config: GatewayConfig
  readonly clock: GatewayClock
  readonly chains: readonly Chain[]
  readonly terms: Terms
  readonly tenants: Tenants
  readonly tokens: Tokens
  readonly cashier: Cashier
  readonly desk: SignInDesk
  readonly faults: FaultSource
  readonly journal: Journal
}
