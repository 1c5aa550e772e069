export type { SolrouterHints, SolrouterResource } from './discover'
export { type SolrouterCode, solrouterCode } from './errors'
export {
  SolRouter,
  type SolRouterClient,
  type SolRouterOptions,
  type SolRouterWalletClient,
  type SolRouterWalletOptions,
} from './SolRouter'
export type {
  AgentAnswer,
  AgentRequest,
  ChatAnswer,
  ChatRequest,
  Envelope,
  PaidCallOptions,
  SolrouterBalance,
  SolrouterCallOptions,
  SolrouterModels,
  SolrouterUsage,
} from './types'
