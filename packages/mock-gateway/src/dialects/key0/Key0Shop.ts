import type { Gateway } from '../../Gateway'
import type { EvmNetwork } from '../../networks'
import type { Till } from '../till'
import type { AccessTokens } from './accessTokens'
import type { Challenges } from './challenges'
import type { Key0Config } from './options'

/** The parts of a Key0 seller, as its endpoints see them. */
export interface Key0Shop {
  readonly gateway: Gateway
  readonly till: Till
  readonly config: Key0Config
  /** Where it is paid: Key0 takes one network. */
  readonly network: EvmNetwork
  readonly challenges: Challenges
  readonly tokens: AccessTokens
  /** Runs alone among those of one requestId. */
  alone<T>(requestId: string, run: () => Promise<T>): Promise<T>
}
