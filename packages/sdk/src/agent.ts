export {
  type AgentRequestInit,
  type AgentWallet,
  type AgentWalletOptions,
  createAgentWallet,
} from './agent/createAgentWallet'
export type { Forecast, QuotedOffer } from './agent/forecast'
export type { PluggedScheme, SchemeClient } from './agent/schemeWallet'
export type { SignedStatement } from './payment/SignedStatement'
