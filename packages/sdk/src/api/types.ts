import type { Billed } from './bill'

/** Marks a part as worth keeping in the provider's cache. */
export type CacheControl = { readonly type: 'ephemeral'; readonly ttl?: string }

/** A part of a multimodal message. */
export type ContentPart =
  | { readonly type: 'text'; readonly text: string; readonly cache_control?: CacheControl }
  | {
      readonly type: 'image_url'
      readonly image_url: { readonly url: string; readonly detail?: 'auto' | 'low' | 'high' }
      readonly cache_control?: CacheControl
    }
  | {
      readonly type: 'input_audio'
      /** `data` is base64. */
      readonly input_audio: { readonly data: string; readonly format: string }
    }
  | {
      readonly type: 'file'
      /** `file_data` is a `data:` URL, such as of a PDF. */
      readonly file: {
        readonly filename?: string
        readonly file_data?: string
        readonly file_id?: string
      }
    }
  | { readonly type: 'refusal'; readonly refusal: string }
  | { readonly type: string; readonly [field: string]: unknown }

/** A call of a tool, as a model asks for it. `arguments` is JSON text. */
export type ToolCall = {
  readonly id: string
  readonly type: 'function'
  readonly function: { readonly name: string; readonly arguments: string }
}

/** A tool a model may call. `parameters` is a JSON Schema. */
export type Tool = {
  readonly type: 'function'
  readonly function: {
    readonly name: string
    readonly description?: string
    readonly parameters?: Readonly<Record<string, unknown>>
    readonly strict?: boolean | null
  }
}

/** A tool that takes free text, or text of a grammar. */
export type CustomTool = {
  readonly type: 'custom'
  readonly custom: {
    readonly name: string
    readonly description?: string
    readonly format?: object
  }
}

/** A call of a {@link CustomTool}. */
export type CustomToolCall = {
  readonly id: string
  readonly type: 'custom'
  readonly custom: { readonly name: string; readonly input: string }
}

/** Which tool a model is to call. */
export type ToolChoice =
  | 'none'
  | 'auto'
  | 'required'
  | { readonly type: 'function'; readonly function: { readonly name: string } }
  | { readonly type: 'custom'; readonly custom: { readonly name: string } }
  | { readonly type: 'allowed_tools'; readonly allowed_tools: object }

/** One message of a conversation. */
export type Message = {
  readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool' | 'function'
  readonly content?: string | readonly ContentPart[] | null
  readonly name?: string
  readonly tool_calls?: readonly (ToolCall | CustomToolCall)[]
  readonly tool_call_id?: string
  readonly refusal?: string | null
}

/** The form an answer has to have. */
export type ResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json_object' }
  | {
      readonly type: 'json_schema'
      readonly json_schema: {
        readonly name: string
        readonly description?: string
        readonly schema?: Readonly<Record<string, unknown>>
        readonly strict?: boolean | null
      }
    }

/** Which providers may serve a request, and in which order they are tried. */
export type ProviderPreferences = {
  readonly order?: readonly string[]
  /** Default true. */
  readonly allow_fallbacks?: boolean
  readonly require_parameters?: boolean
  readonly data_collection?: 'allow' | 'deny'
  /** Zero data retention. */
  readonly zdr?: boolean
  readonly only?: readonly string[]
  readonly ignore?: readonly string[]
  readonly quantizations?: readonly string[]
  readonly sort?: 'price' | 'throughput' | 'latency'
  /** Tokens a second. */
  readonly preferred_min_throughput?: number
  /** Seconds. */
  readonly preferred_max_latency?: number
  /** USD per million tokens, per request and per image. */
  readonly max_price?: Readonly<
    Partial<Record<'prompt' | 'completion' | 'request' | 'image', number | string>>
  >
}

/** What the gateway adds to a request. */
export type Plugin =
  | {
      readonly id: 'web'
      readonly max_results?: number
      readonly engine?: 'native' | 'exa' | 'parallel'
      readonly include_domains?: readonly string[]
      readonly exclude_domains?: readonly string[]
    }
  | { readonly id: 'context-compression'; readonly enabled?: boolean }
  | { readonly id: 'auto-router'; readonly allowed_models?: readonly string[] }
  | { readonly id: string; readonly [field: string]: unknown }

/** The fields of `POST /v1/chat/completions` that are known here: OpenAI's, and ARouter's own. */
export type ChatCompletionFields = {
  /** `provider/model`, with `:free`, `:online`, `:nitro` or `:floor` if wanted; or `auto`. */
  readonly model: string
  readonly messages: readonly Message[]
  readonly max_tokens?: number | null
  readonly max_completion_tokens?: number | null
  readonly temperature?: number | null
  readonly top_p?: number | null
  readonly n?: number | null
  readonly stop?: string | readonly string[] | null
  readonly seed?: number | null
  readonly frequency_penalty?: number | null
  readonly presence_penalty?: number | null
  readonly logit_bias?: Readonly<Record<string, number>> | null
  readonly logprobs?: boolean | null
  readonly top_logprobs?: number | null
  readonly user?: string
  readonly tools?: readonly (Tool | CustomTool)[]
  readonly tool_choice?: ToolChoice
  readonly parallel_tool_calls?: boolean
  readonly response_format?: ResponseFormat
  readonly prediction?: {
    readonly type: 'content'
    readonly content: string | readonly ContentPart[]
  } | null
  readonly reasoning_effort?: string | null
  readonly stream_options?: { readonly include_usage?: boolean } | null
  /** Tried one after the other with `route: 'fallback'`. */
  readonly models?: readonly string[]
  readonly route?: 'fallback'
  readonly provider?: ProviderPreferences
  readonly plugins?: readonly Plugin[]
  readonly cache_control?: CacheControl
  readonly top_k?: number
  readonly min_p?: number
  readonly top_a?: number
  readonly repetition_penalty?: number
}

/** `POST /v1/chat/completions`. Fields not named here pass through untouched. */
export type ChatCompletionRequest = ChatCompletionFields & { readonly [field: string]: unknown }

/** Tokens used, and what they cost where the gateway says so. */
export type Usage = {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
  readonly prompt_tokens_details?: {
    readonly cached_tokens?: number
    readonly cache_write_tokens?: number
    readonly audio_tokens?: number
  }
  readonly completion_tokens_details?: {
    readonly reasoning_tokens?: number
    readonly audio_tokens?: number
    readonly accepted_prediction_tokens?: number
    readonly rejected_prediction_tokens?: number
  }
  /** USD. */
  readonly cost?: number
}

/** How likely a token was, and what could have been in its place. */
export type TokenLogprob = {
  readonly token: string
  readonly logprob: number
  readonly bytes: readonly number[] | null
  readonly top_logprobs?: readonly Omit<TokenLogprob, 'top_logprobs'>[]
}

/** {@link TokenLogprob}s of an answer, with `logprobs`. */
export type Logprobs = {
  readonly content: readonly TokenLogprob[] | null
  readonly refusal?: readonly TokenLogprob[] | null
}

/** Where something in an answer is from, as of a search of the web. */
export type Annotation = {
  readonly type: 'url_citation'
  readonly url_citation: {
    readonly url: string
    readonly title: string
    readonly start_index: number
    readonly end_index: number
  }
}

/** One of the answers to a chat completion. */
export type Choice = {
  readonly index: number
  readonly message: {
    readonly role: 'assistant'
    readonly content: string | null
    readonly refusal?: string | null
    readonly tool_calls?: readonly ToolCall[]
    readonly annotations?: readonly Annotation[]
    /** `data` is base64. */
    readonly audio?: {
      readonly id: string
      readonly data: string
      /** Unix seconds. */
      readonly expires_at: number
      readonly transcript: string
    } | null
  }
  readonly finish_reason: string | null
  readonly logprobs?: Logprobs | null
}

/** The answer to a chat completion. */
export type ChatCompletionResponse = Billed & {
  readonly id: string
  readonly object: string
  readonly created: number
  readonly model: string
  readonly choices: readonly Choice[]
  readonly usage?: Usage
  readonly service_tier?: string | null
  readonly system_fingerprint?: string
}

/** What one event adds to one of the answers. */
export type ChunkChoice = {
  readonly index: number
  readonly delta: {
    readonly role?: string
    readonly content?: string | null
    readonly refusal?: string | null
    readonly tool_calls?: readonly ToolCallDelta[]
  }
  readonly finish_reason?: string | null
  readonly logprobs?: Logprobs | null
}

/** What one event adds to a call of a tool: `index` says to which, `arguments` is a piece of its JSON. */
export type ToolCallDelta = {
  readonly index: number
  readonly id?: string
  readonly type?: 'function'
  readonly function?: { readonly name?: string; readonly arguments?: string }
}

/** One event of a streamed chat completion. The last may have no choices and the usage. */
export type ChatCompletionChunk = Billed & {
  readonly id: string
  readonly object: string
  readonly created: number
  readonly model: string
  readonly choices: readonly ChunkChoice[]
  readonly usage?: Usage | null
  readonly service_tier?: string | null
  readonly system_fingerprint?: string
}

/** A request that may have more fields than are known here: they pass through untouched. */
export type Open<T> = T | (T & { readonly [field: string]: unknown })
