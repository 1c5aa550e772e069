import { query } from './query'
import { type Connection, type RequestOptions, requestJson } from './request'

/** Which models to list. */
export type ModelFilter = {
  readonly output_modalities?: 'text' | 'image' | 'audio' | 'embeddings' | 'all'
  /** A parameter the model has to take, such as `tools`. */
  readonly supported_parameters?: string
}

/** One model. Prices are USD per token in decimal. */
export type ModelInfo = {
  readonly id: string
  readonly object?: string
  /** Unix seconds. */
  readonly created?: number
  readonly owned_by?: string
  readonly canonical_slug?: string
  readonly name?: string
  readonly description?: string
  /** Tokens. */
  readonly context_length?: number
  readonly architecture?: {
    readonly input_modalities?: readonly string[]
    readonly output_modalities?: readonly string[]
    readonly tokenizer?: string
  }
  readonly pricing?: Readonly<Record<string, string>>
  readonly top_provider?: {
    /** Tokens. */
    readonly context_length?: number | null
    /** Tokens of an answer. */
    readonly max_completion_tokens?: number | null
    readonly is_moderated?: boolean
  }
  readonly supported_parameters?: readonly string[]
  readonly expiration_date?: string | null
}

/** `GET /v1/models`. */
export type ModelListResponse = { readonly object?: string; readonly data: readonly ModelInfo[] }

/** `GET /v1beta/models`, Gemini's own form, as far as it is known here. */
export type GeminiModelList = {
  readonly models: readonly {
    /** `models/` and its id. */
    readonly name: string
    readonly displayName?: string
    readonly description?: string
    /** Tokens. */
    readonly inputTokenLimit?: number
    /** Tokens. */
    readonly outputTokenLimit?: number
    readonly supportedGenerationMethods?: readonly string[]
  }[]
}

/** `GET /v1beta/models`. */
export function listGeminiModels(
  connection: Connection,
  options: RequestOptions = {},
): Promise<GeminiModelList> {
  return requestJson(connection, 'GET', '/v1beta/models', undefined, options)
}

/** `GET /v1/models`. */
export function listModels(
  connection: Connection,
  filter: ModelFilter = {},
  options: RequestOptions = {},
): Promise<ModelListResponse> {
  return requestJson(connection, 'GET', `/v1/models${query(filter)}`, undefined, options)
}
