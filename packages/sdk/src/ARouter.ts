import type {
  Balance,
  Generation,
  KeyInfo,
  ListTransactionsOptions,
  Transaction,
} from './api/account'
import type {
  AudioResponseFormat,
  SpeechRequest,
  Transcript,
  TranscriptionRequest,
  TranscriptionResponse,
  TranslationRequest,
  TranslationResponse,
} from './api/audio'
import type { Billed } from './api/bill'
import { chatCompletion, chatCompletionStream, MINIMAX_PATH } from './api/chat'
import type { EmbeddingRequest, EmbeddingResponse } from './api/embeddings'
import type { Health } from './api/health'
import type {
  CreateKeyRequest,
  CreateKeyResponse,
  DeleteKeyResponse,
  ListKeysOptions,
  ListKeysResponse,
  UpdateKeyRequest,
  UpdateKeyResponse,
} from './api/keys'
import { loadApi } from './api/loadApi'
import type { GeminiModelList, ModelFilter, ModelListResponse } from './api/models'
import type {
  GenerateContentRequest,
  GenerateContentResponse,
  MessagesEvent,
  MessagesRequest,
  MessagesResponse,
  MinimaxRequest,
  MinimaxResponse,
  X402ChatQuery,
} from './api/native'
import type { ProxyOptions } from './api/proxy'
import type { Quote, QuoteRequest } from './api/quote'
import type { Connection, RequestOptions } from './api/request'
import type {
  ChatCompletionChunk,
  ChatCompletionFields,
  ChatCompletionResponse,
  Open,
} from './api/types'
import type { UsageQuery, UsageSummary, UsageTimeSeries } from './api/usage'
import { compose, type Interceptor } from './compose'
import { KEY_HEADERS, keyIn, stripKeys } from './credentials'
import { ARouterError, invalidOption } from './errors'
import type { Listener } from './events'
import { type Base, createExchange, parseBase, transport } from './exchange'
import type { Budgets, Engine } from './payment/engine'
import type { WalletBalance } from './payment/Funds'
import type { Payments } from './payment/Payments'
import type { PaymentIntent } from './payment/policy'
import { retry } from './retry'
import { type Runtime, systemRuntime } from './runtime'
import type { Telemetry } from './telemetry'

/** How a client reaches its gateway. */
export type ARouterConfig = {
  /** The gateway's origin, with a path prefix if it has one; without `/v1`. Default `https://api.arouter.ai`. */
  readonly baseURL?: string
  /** An API key, or a wallet's JWT; empty for a client that pays with a wallet. Default empty. */
  readonly apiKey?: string
  /** Milliseconds to the first byte of an answer, and between two events of a stream. Default 60,000. */
  readonly timeout?: number
  /** How often a failed request is sent again before a payment is on it. Default 2. */
  readonly maxRetries?: number
  /** Used instead of the global `fetch`. */
  readonly customFetch?: typeof fetch
  /** Watches all this client does, such as `otel()` of `@arouter/sdk/otel`. */
  readonly telemetry?: Telemetry
}

/** What a client lends to the layers a wallet adds. */
export type LayerContext = {
  readonly base: Base
  readonly runtime: Runtime
  /** Milliseconds. */
  readonly timeout: number
  /** Told of events besides a wallet's own listener. */
  readonly listener?: Listener | undefined
}

/** What a paying wallet can be asked. */
export type Books = Pick<Engine, 'balances' | 'credit' | 'dryRun'> & {
  readonly payments: Payments
  readonly budget: Budgets
}

/** The layers a wallet adds to a client, and its books if it pays. */
export type WalletLayers = {
  readonly interceptors: readonly Interceptor[]
  /** Asked anew at each retry: what they put on a request is good for one. */
  readonly belowRetries: readonly Interceptor[]
  readonly books?: Books
}

/** Makes the layers of a wallet for one client. */
export type WalletBinding = (context: LayerContext) => WalletLayers

const DEFAULT_BASE_URL = 'https://api.arouter.ai'
const DEFAULT_TIMEOUT_MS = 60_000
const DEFAULT_RETRIES = 2

/**
 * A client of one ARouter gateway. With an API key it uses that and never pays; `withX402Payment`
 * and its siblings make clients that sign in and pay with a wallet.
 *
 * @throws ARouterError `invalid_url`, `insecure_url`, `invalid_option`.
 */
export class ARouter {
  readonly #config: ARouterConfig
  readonly #binding: WalletBinding | undefined
  readonly #wallet: WalletLayers | undefined
  readonly #connection: Connection

  /**
   * A `fetch` bound to this gateway: takes a path or a URL of its origin, signs in and pays as need
   * be, and resolves to whatever the gateway answers. Bodies are held so that they can be sent again.
   * @throws ARouterError; its `fundsMoved` says whether money may have left the wallet.
   */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>

  constructor(config: ARouterConfig = {}, binding?: WalletBinding) {
    const { baseURL = DEFAULT_BASE_URL, apiKey = '', customFetch, telemetry } = config
    const timeout = positive(config.timeout ?? DEFAULT_TIMEOUT_MS, 'timeout')
    const maxRetries = positive((config.maxRetries ?? DEFAULT_RETRIES) + 1, 'maxRetries') - 1
    if (binding && apiKey) {
      throw invalidOption(
        "A client with an API key never pays, so a wallet would do nothing. Pass apiKey: '' to use the wallet.",
      )
    }
    if (!/^[\x21-\x7e]*$/.test(apiKey)) {
      throw invalidOption('apiKey has characters that no header can carry.')
    }
    const base = parseBase(baseURL)
    // Looked up at each call, and called as the global's own: a browser insists on both.
    const send: typeof fetch = customFetch ?? ((input, init) => globalThis.fetch(input, init))
    const runtime = systemRuntime(telemetry?.fetch(send) ?? send)
    this.#config = config
    this.#binding = binding
    this.#wallet = binding?.({ base, runtime, timeout, listener: telemetry?.events })
    const { interceptors, belowRetries } = this.#wallet ?? keyed(apiKey)
    const own = [...(telemetry ? [telemetry.call] : []), ...(binding ? [walletOnly] : [])]
    const layers = [...own, ...interceptors, retry(runtime, maxRetries), ...belowRetries]
    const call = compose(layers, transport(runtime))
    this.#connection = { base, runtime, send: call, timeout, secrets: apiKey ? [apiKey] : [] }
    this.fetch = async (input, init) => call(await createExchange(base, input, init, timeout))
  }

  /** The gateway's URL, without trailing slash. */
  get baseURL(): string {
    return this.#connection.base.url
  }

  /** The wallet's journal. @throws ARouterError `no_wallet` on a client without one. */
  get payments(): Payments {
    return this.#books.payments
  }

  /** The wallet's budget. @throws ARouterError `no_wallet` on a client without one. */
  get budget(): Budgets {
    return this.#books.budget
  }

  /**
   * What each wallet holds on each network that it may pay on, by the chain. Where no RPC server says there is
   * no amount, and never zero.
   * @throws ARouterError `no_wallet` on a client without one, `invalid_option` where `funds` was not named.
   */
  async getWalletBalances(): Promise<readonly WalletBalance[]> {
    return this.#books.balances()
  }

  get #books(): Books {
    const books = this.#wallet?.books
    if (books) return books
    throw new ARouterError(
      0,
      'no_wallet',
      'This client has no wallet: make one with withX402Payment.',
    )
  }

  /**
   * A new client with some settings changed. One for another origin takes neither key nor wallet
   * along: name them anew.
   */
  cloneWith(changes: ARouterConfig, binding?: WalletBinding): ARouter {
    const origin = (config: ARouterConfig) => parseBase(config.baseURL ?? DEFAULT_BASE_URL).origin
    const stays = changes.baseURL === undefined || origin(changes) === origin(this.#config)
    const kept = stays ? this.#config : { ...this.#config, apiKey: '' }
    const wallet = binding ?? (stays && !changes.apiKey ? this.#binding : undefined)
    return new ARouter({ ...kept, ...changes }, wallet)
  }

  /**
   * Estimates, by the list of prices and the length of a request, what its call would cost and whether it
   * would make a payment. The request is not sent. A list is good for five minutes.
   * @throws ARouterError `no_price` where the list has none for the model.
   */
  async quote(body: Open<QuoteRequest>, options?: RequestOptions): Promise<Quote> {
    return (await loadApi()).quote(this.#connection, this.#wallet?.books, body, options)
  }

  /**
   * What this wallet would pay if a request, by default the cheapest, were answered with 402: the request
   * is sent with nothing that could pay for it, no token either, and nothing is signed. Resolves to
   * undefined where nothing is asked for; what is free is then done.
   * @throws PaymentPolicyError where nothing that is asked for may be paid; ARouterError `no_wallet`.
   */
  async dryRun(
    input?: string | URL | Request,
    init?: RequestInit,
  ): Promise<PaymentIntent | undefined> {
    return this.#books.dryRun(input, init)
  }

  /** `POST /v1/chat/completions`. @throws ARouterError of the class of its status, as all below. */
  chatCompletion(
    body: Open<ChatCompletionFields>,
    options?: RequestOptions,
  ): Promise<ChatCompletionResponse> {
    return chatCompletion(this.#connection, body, options)
  }

  /**
   * `POST /v1/chat/completions` as a stream; sent when the first event is asked for.
   * @throws StreamError where the stream breaks.
   */
  chatCompletionStream(
    body: Open<ChatCompletionFields>,
    options?: RequestOptions,
  ): AsyncGenerator<ChatCompletionChunk, void, undefined> {
    return chatCompletionStream(this.#connection, body, options)
  }

  /** `GET /v1/models`. */
  async listModels(filter?: ModelFilter, options?: RequestOptions): Promise<ModelListResponse> {
    return (await loadApi()).listModels(this.#connection, filter, options)
  }

  /** `GET /v1beta/models`, Gemini's own form. */
  async listGeminiModels(options?: RequestOptions): Promise<GeminiModelList> {
    return (await loadApi()).listGeminiModels(this.#connection, options)
  }

  /** `GET /healthz`. */
  async getHealth(options?: RequestOptions): Promise<Health> {
    return (await loadApi()).getHealth(this.#connection, options)
  }

  /** `POST /v1/embeddings`. With `encoding_format: 'base64'` an embedding is text. */
  async createEmbedding(
    body: Open<EmbeddingRequest> & { readonly encoding_format: 'base64' },
    options?: RequestOptions,
  ): Promise<EmbeddingResponse<string>>
  async createEmbedding(
    body: Open<EmbeddingRequest>,
    options?: RequestOptions,
  ): Promise<EmbeddingResponse>
  async createEmbedding(
    body: EmbeddingRequest,
    options?: RequestOptions,
  ): Promise<EmbeddingResponse<string> | EmbeddingResponse> {
    return (await loadApi()).createEmbedding(this.#connection, body, options)
  }

  /** `POST /v1/audio/transcriptions`. `text`, `srt` and `vtt` come back as text. */
  async createTranscription<Format extends AudioResponseFormat = 'json'>(
    body: Open<TranscriptionRequest<Format>>,
    options?: RequestOptions,
  ): Promise<Transcript<Format, TranscriptionResponse>>
  async createTranscription(
    body: TranscriptionRequest<AudioResponseFormat>,
    options?: RequestOptions,
  ): Promise<TranscriptionResponse | string> {
    return (await loadApi()).transcribe(this.#connection, 'transcriptions', body, options)
  }

  /** `POST /v1/audio/translations`, into English. `text`, `srt` and `vtt` come back as text. */
  async createTranslation<Format extends AudioResponseFormat = 'json'>(
    body: Open<TranslationRequest<Format>>,
    options?: RequestOptions,
  ): Promise<Transcript<Format, TranslationResponse>>
  async createTranslation(
    body: TranslationRequest<AudioResponseFormat>,
    options?: RequestOptions,
  ): Promise<TranslationResponse | string> {
    return (await loadApi()).transcribe(this.#connection, 'translations', body, options)
  }

  /** `POST /v1/audio/speech`. The body of the response is the sound. */
  async createSpeech(
    body: Open<SpeechRequest>,
    options?: RequestOptions,
  ): Promise<Response & Billed> {
    return (await loadApi()).createSpeech(this.#connection, body, options)
  }

  /** `POST /v1/messages`, Anthropic's own form. */
  async messages(body: MessagesRequest, options?: RequestOptions): Promise<MessagesResponse> {
    return (await loadApi()).messages(this.#connection, body, options)
  }

  /** `POST /v1/messages` as a stream. @throws StreamError where the stream breaks. */
  async *messagesStream(
    body: MessagesRequest,
    options?: RequestOptions,
  ): AsyncGenerator<MessagesEvent, void, undefined> {
    yield* (await loadApi()).messagesStream(this.#connection, body, options)
  }

  /** `POST /v1beta/models/{model}:generateContent`, Gemini's own form. */
  async generateContent(
    model: string,
    body: GenerateContentRequest,
    options?: RequestOptions,
  ): Promise<GenerateContentResponse> {
    return (await loadApi()).generateContent(this.#connection, model, body, options)
  }

  /** `POST /v1beta/models/{model}:streamGenerateContent`. @throws StreamError where the stream breaks. */
  async *generateContentStream(
    model: string,
    body: GenerateContentRequest,
    options?: RequestOptions,
  ): AsyncGenerator<GenerateContentResponse, void, undefined> {
    yield* (await loadApi()).generateContentStream(this.#connection, model, body, options)
  }

  /** `POST /v1/text/chatcompletion_v2`, MiniMax's own form. */
  minimaxChat(body: MinimaxRequest, options?: RequestOptions): Promise<MinimaxResponse> {
    return chatCompletion(this.#connection, body, options, MINIMAX_PATH)
  }

  /** `POST /v1/text/chatcompletion_v2` as a stream. @throws StreamError where the stream breaks. */
  minimaxChatStream(
    body: MinimaxRequest,
    options?: RequestOptions,
  ): AsyncGenerator<ChatCompletionChunk, void, undefined> {
    return chatCompletionStream(this.#connection, body, options, MINIMAX_PATH)
  }

  /** `GET /v1/x402/chat`. */
  async x402Chat(
    parameters: X402ChatQuery,
    options?: RequestOptions,
  ): Promise<ChatCompletionResponse> {
    return (await loadApi()).x402Chat(this.#connection, parameters, options)
  }

  /**
   * Any request to `/{provider}/{path}`, a provider's own API. Forms, blobs and bytes are sent as they
   * are, everything else as JSON.
   * @throws ARouterError `invalid_path` for a path that could lead out of the provider's.
   */
  async proxyRequest(
    provider: string,
    path: string,
    body?: unknown,
    options?: ProxyOptions,
  ): Promise<Response & Billed> {
    return (await loadApi()).proxyRequest(this.#connection, provider, path, body, options)
  }

  /** `POST /api/v1/keys`, with a management key. The secret is in this answer and in no other. */
  async createKey(
    body: Open<CreateKeyRequest>,
    options?: RequestOptions,
  ): Promise<CreateKeyResponse> {
    return (await loadApi()).createKey(this.#connection, body, options)
  }

  /** `GET /api/v1/keys`, with a management key. */
  async listKeys(list?: ListKeysOptions, options?: RequestOptions): Promise<ListKeysResponse> {
    return (await loadApi()).listKeys(this.#connection, list, options)
  }

  /** `PATCH /api/v1/keys/{hash}`, with a management key. */
  async updateKey(
    hash: string,
    body: Open<UpdateKeyRequest>,
    options?: RequestOptions,
  ): Promise<UpdateKeyResponse> {
    return (await loadApi()).updateKey(this.#connection, hash, body, options)
  }

  /** `DELETE /api/v1/keys/{hash}`, with a management key. */
  async deleteKey(hash: string, options?: RequestOptions): Promise<DeleteKeyResponse> {
    return (await loadApi()).deleteKey(this.#connection, hash, options)
  }

  /** `GET /v1/key`: limits and use of this client's own key or token. */
  async getKey(options?: RequestOptions): Promise<KeyInfo> {
    return (await loadApi()).getKey(this.#connection, options)
  }

  /** `GET /api/v1/balance`. */
  async getBalance(options?: RequestOptions): Promise<Balance> {
    return (await loadApi()).getBalance(this.#connection, options)
  }

  /** `GET /api/v1/transactions`, newest first, page after page as they are asked for. */
  async *listTransactions(
    list?: ListTransactionsOptions,
    options?: RequestOptions,
  ): AsyncGenerator<Transaction, void, undefined> {
    yield* (await loadApi()).listTransactions(this.#connection, list, options)
  }

  /** `GET /api/v1/generation`: what one answer took; some seconds after it, and for 90 days. */
  async getGeneration(id: string, options?: RequestOptions): Promise<Generation> {
    return (await loadApi()).getGeneration(this.#connection, id, options)
  }

  /** `GET /api/usage/summary`. */
  async getUsageSummary(range?: UsageQuery, options?: RequestOptions): Promise<UsageSummary> {
    return (await loadApi()).getUsageSummary(this.#connection, range, options)
  }

  /** `GET /api/usage/timeseries`. */
  async getUsageTimeSeries(range?: UsageQuery, options?: RequestOptions): Promise<UsageTimeSeries> {
    return (await loadApi()).getUsageTimeSeries(this.#connection, range, options)
  }
}

// The wallet is the credential: a placeholder that some library insists on would be taken for a key,
// and a real one is not this client's to send.
const walletOnly: Interceptor = (exchange, next) => {
  stripKeys(exchange)
  return next(exchange)
}

function keyed(apiKey: string): WalletLayers {
  return { interceptors: [bearer(apiKey)], belowRetries: [] }
}

// A caller's own credentials go before the key; without a key the request goes out bare.
function bearer(apiKey: string): Interceptor {
  return (exchange, next) => {
    const { headers, url } = exchange
    const named = ['authorization', ...KEY_HEADERS].some((name) => headers.has(name))
    if (apiKey && !named && keyIn(url) === null) headers.set('authorization', `Bearer ${apiKey}`)
    return next(exchange)
  }
}

function positive(value: number, option: string): number {
  if (Number.isFinite(value) && value > 0) return value
  throw invalidOption(`${option} must be a positive number.`)
}
