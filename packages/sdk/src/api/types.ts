/** A part of a multimodal message. */
export type ContentPart =
  | {
      readonly type: 'text'
      readonly text: string
      readonly cache_control?: { readonly type: 'ephemeral' }
    }
  | {
      readonly type: 'image_url'
      readonly image_url: { readonly url: string; readonly detail?: string }
    }
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
    readonly strict?: boolean
  }
}

/** One message of a conversation. */
export type Message = {
  readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool'
  readonly content: string | readonly ContentPart[] | null
  readonly name?: string
  readonly tool_calls?: readonly ToolCall[]
  readonly tool_call_id?: string
}

/** `POST /v1/chat/completions`. Fields not named here pass through untouched. */
export type ChatCompletionRequest = {
  readonly model: string
  readonly messages: readonly Message[]
  readonly max_tokens?: number
  readonly temperature?: number
  readonly top_p?: number
  readonly n?: number
  readonly stop?: string | readonly string[]
  readonly seed?: number
  readonly tools?: readonly Tool[]
  readonly tool_choice?: unknown
  readonly response_format?: Readonly<Record<string, unknown>>
  readonly stream_options?: { readonly include_usage?: boolean }
  readonly [field: string]: unknown
}

/** Tokens used, and what they cost where the gateway says so. */
export type Usage = {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
  /** USD. */
  readonly cost?: number
}

/** One of the answers to a chat completion. */
export type Choice = {
  readonly index: number
  readonly message: {
    readonly role: 'assistant'
    readonly content: string | null
    readonly tool_calls?: readonly ToolCall[]
  }
  readonly finish_reason: string | null
}

/** The answer to a chat completion. */
export type ChatCompletionResponse = {
  readonly id: string
  readonly object: string
  readonly created: number
  readonly model: string
  readonly choices: readonly Choice[]
  readonly usage?: Usage
}

/** What one event adds to one of the answers. */
export type ChunkChoice = {
  readonly index: number
  readonly delta: {
    readonly role?: string
    readonly content?: string | null
    readonly tool_calls?: readonly (Partial<ToolCall> & { readonly index: number })[]
  }
  readonly finish_reason?: string | null
}

/** One event of a streamed chat completion. The last may have no choices and the usage. */
export type ChatCompletionChunk = {
  readonly id: string
  readonly object: string
  readonly created: number
  readonly model: string
  readonly choices: readonly ChunkChoice[]
  readonly usage?: Usage | null
}

/** One model. Prices are USD per token in decimal. */
export type ModelInfo = {
  readonly id: string
  readonly object?: string
  readonly created?: number
  readonly owned_by?: string
  readonly name?: string
  readonly context_length?: number
  readonly pricing?: Readonly<Record<string, string>>
  readonly supported_parameters?: readonly string[]
  readonly [field: string]: unknown
}

/** `GET /v1/models`. */
export type ModelListResponse = { readonly object?: string; readonly data: readonly ModelInfo[] }
