import type { Billed } from './bill'
import { type Connection, type RequestOptions, requestJson } from './request'

/** `POST /v1/embeddings`. Other fields pass through. */
export type EmbeddingRequest = {
  readonly model: string
  readonly input: string | readonly string[] | readonly number[] | readonly (readonly number[])[]
  /** With `base64` an embedding is the base64 of its little-endian 32-bit floats. */
  readonly encoding_format?: 'float' | 'base64'
  readonly dimensions?: number
  readonly user?: string
}

/** One embedding, for the input at `index`. */
export type EmbeddingData<Form = readonly number[]> = {
  readonly object: string
  readonly embedding: Form
  readonly index: number
}

/** Tokens of the input. */
export type EmbeddingUsage = {
  readonly prompt_tokens: number
  readonly total_tokens: number
  /** USD. */
  readonly cost?: number
}

/** The answer to `POST /v1/embeddings`. */
export type EmbeddingResponse<Form = readonly number[]> = Billed & {
  readonly object: string
  readonly data: readonly EmbeddingData<Form>[]
  readonly model: string
  readonly usage: EmbeddingUsage
}

/** `POST /v1/embeddings`. */
export function createEmbedding<Answer>(
  connection: Connection,
  body: EmbeddingRequest,
  options: RequestOptions = {},
): Promise<Answer> {
  return requestJson(connection, 'POST', '/v1/embeddings', body, options)
}
