export { ARouter, type ARouterConfig } from './ARouter'
export type {
  Balance,
  Generation,
  KeyInfo,
  ListTransactionsOptions,
  Transaction,
} from './api/account'
export type {
  AudioResponseFormat,
  SpeechRequest,
  TimestampGranularity,
  Transcript,
  TranscriptionRequest,
  TranscriptionResponse,
  TranscriptionSegment,
  TranscriptionWord,
  TranslationRequest,
  TranslationResponse,
} from './api/audio'
export type { Bill, Billed } from './api/bill'
export type {
  EmbeddingData,
  EmbeddingRequest,
  EmbeddingResponse,
  EmbeddingUsage,
} from './api/embeddings'
export type { Health } from './api/health'
export type {
  CreateKeyRequest,
  CreateKeyResponse,
  DeleteKeyResponse,
  KeyObject,
  LimitReset,
  ListKeysOptions,
  ListKeysResponse,
  UpdateKeyRequest,
  UpdateKeyResponse,
} from './api/keys'
export type { GeminiModelList, ModelFilter, ModelInfo, ModelListResponse } from './api/models'
export type {
  GenerateContentRequest,
  GenerateContentResponse,
  MessagesEvent,
  MessagesRequest,
  MessagesResponse,
  MinimaxRequest,
  MinimaxResponse,
  NativeBody,
  X402ChatQuery,
} from './api/native'
export type { ProxyOptions } from './api/proxy'
export type { Quote, QuoteRequest } from './api/quote'
export type { RequestOptions } from './api/request'
export type {
  Annotation,
  CacheControl,
  ChatCompletionChunk,
  ChatCompletionFields,
  ChatCompletionRequest,
  ChatCompletionResponse,
  Choice,
  ChunkChoice,
  ContentPart,
  CustomTool,
  CustomToolCall,
  Logprobs,
  Message,
  Open,
  Plugin,
  ProviderPreferences,
  ResponseFormat,
  TokenLogprob,
  Tool,
  ToolCall,
  ToolCallDelta,
  ToolChoice,
  Usage,
} from './api/types'
export type {
  ModelUsage,
  ProviderUsage,
  UsageDataPoint,
  UsageQuery,
  UsageSummary,
  UsageTimeSeries,
} from './api/usage'
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
export type { Funds, WalletBalance } from './payment/Funds'
export type { PaymentFacts } from './payment/PaymentFacts'
export type { PaymentRecord, Payments } from './payment/Payments'
export type { PaymentIntent, PolicyOptions } from './payment/policy'
export { retrySafe } from './retrySafe'
export type { EvmSigner, WalletSigner } from './signers'
export type { SIWxAuthResult } from './siwx/SignIn'
export { memoryStore } from './store/memory'
export type { Json, Store } from './store/Store'
export type {
  Asset,
  ChainContext,
  Evidence,
  Fate,
  Prepared,
  Signed,
  Terms,
  TransferSummary,
  Wallet,
} from './wallet'
export {
  authenticateWithSIWx,
  type DualOptions,
  type SignInOptions,
  withSIWxAuth,
  withX402,
  withX402EvmPayment,
  withX402Payment,
  withX402SolanaPayment,
  type X402Options,
  type X402Signer,
} from './wallets'
export type { ARouterErrorBody, PaymentRequired } from './wire'
