export { ARouter, type ARouterConfig } from './ARouter'
export type { RequestOptions } from './api/request'
export type {
  ChatCompletionChunk,
  ChatCompletionRequest,
  ChatCompletionResponse,
  Choice,
  ChunkChoice,
  ContentPart,
  Message,
  ModelInfo,
  ModelListResponse,
  Tool,
  ToolCall,
  Usage,
} from './api/types'
export type { SIWxOptions, WalletOptions } from './bindWallets'
export {
  ARouterError,
  AuthenticationError,
  ConnectionError,
  type ErrorDetails,
  type FundsMoved,
  InsufficientCreditsError,
  isARouterError,
  PaidButFailedError,
  PaymentPolicyError,
  PaymentRejectedError,
  PaymentUnconfirmedError,
  QuotaExceededError,
  RateLimitError,
  StreamError,
  TimeoutError,
  WalletRejectedError,
} from './errors'
export type { ARouterEvent } from './events'
export type { Duration, Money } from './payment/amount'
export type { BudgetStatus } from './payment/budget'
export type { Budgets } from './payment/engine'
export type { PaymentFacts } from './payment/PaymentFacts'
export type { PaymentRecord, Payments } from './payment/Payments'
export type { PaymentIntent, PolicyOptions } from './payment/policy'
export type { EvmSigner, WalletSigner } from './signers'
export type { SIWxAuthResult } from './siwx/SignIn'
export { memoryStore } from './store/memory'
export type { Json, Store } from './store/Store'
export type { Asset, ChainContext, Evidence, Fate, Prepared, Signed, Terms, Wallet } from './wallet'
export {
  authenticateWithSIWx,
  type DualOptions,
  type SignInOptions,
  withSIWxAuth,
  withX402EvmPayment,
  withX402Payment,
  withX402SolanaPayment,
} from './wallets'
