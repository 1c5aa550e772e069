import { readChunks } from '../stream/readChunks'
import type { Billed } from './bill'
import { encodeSegment } from './path'
import { query } from './query'
import { type Connection, type RequestOptions, request, requestJson, streamBounds } from './request'
import type { ChatCompletionResponse } from './types'

/** A JSON object in a provider's own form, not checked here. */
export type NativeBody = { readonly [field: string]: unknown }

/** `POST /v1/messages`, as far as it is known here. Other fields pass through. */
export type MessagesRequest = NativeBody & {
  readonly model: string
  readonly max_tokens: number
  readonly messages: readonly NativeBody[]
}

/** Anthropic's answer, as far as it is known here. */
export type MessagesResponse = Billed &
  NativeBody & {
    readonly id: string
    readonly type: 'message'
    readonly role: 'assistant'
    readonly model: string
    readonly content: readonly (NativeBody & { readonly type: string; readonly text?: string })[]
    readonly stop_reason: string | null
    readonly usage: NativeBody & { readonly input_tokens: number; readonly output_tokens: number }
  }

/** One event of Anthropic's stream. */
export type MessagesEvent = Billed & NativeBody & { readonly type: string }

/** Gemini's `generateContent`, as far as it is known here. Other fields pass through. */
export type GenerateContentRequest = NativeBody & { readonly contents: readonly NativeBody[] }

/** Gemini's answer, or one event of its stream, as far as it is known here. */
export type GenerateContentResponse = Billed &
  NativeBody & {
    readonly candidates?: readonly (NativeBody & {
      readonly content?: {
        readonly role?: string
        readonly parts?: readonly (NativeBody & { readonly text?: string })[]
      }
      readonly finishReason?: string
    })[]
    readonly usageMetadata?: NativeBody & {
      readonly promptTokenCount?: number
      readonly candidatesTokenCount?: number
      readonly totalTokenCount?: number
    }
  }

/** `POST /v1/text/chatcompletion_v2`, as far as it is known here. Other fields pass through. */
export type MinimaxRequest = NativeBody & {
  readonly model: string
  readonly messages: readonly NativeBody[]
}

/** MiniMax's answer: as OpenAI's, and how it went. */
export type MinimaxResponse = ChatCompletionResponse & {
  readonly base_resp?: { readonly status_code: number; readonly status_msg: string }
}

/** `GET /v1/x402/chat`. */
export type X402ChatQuery = {
  readonly model: string
  readonly message: string
  readonly system?: string
  readonly max_tokens?: number
  readonly temperature?: number
}

/** `POST /v1/messages`, Anthropic's own form. */
export function messages(
  connection: Connection,
  body: MessagesRequest,
  options: RequestOptions = {},
): Promise<MessagesResponse> {
  const whole = { ...body, stream: false }
  return requestJson(connection, 'POST', '/v1/messages', whole, anthropic(options))
}

/** `POST /v1/messages` as events, up to `message_stop`. */
export async function* messagesStream(
  connection: Connection,
  body: MessagesRequest,
  options: RequestOptions = {},
): AsyncGenerator<MessagesEvent, void, undefined> {
  const streamed = { ...body, stream: true }
  yield* events<MessagesEvent>(
    connection,
    '/v1/messages',
    streamed,
    anthropic(options),
    ({ type }) => type === 'message_stop',
  )
}

/** `POST /v1beta/models/{model}:generateContent`, Gemini's own form. */
export function generateContent(
  connection: Connection,
  model: string,
  body: GenerateContentRequest,
  options: RequestOptions = {},
): Promise<GenerateContentResponse> {
  return requestJson(connection, 'POST', gemini(model, 'generateContent'), body, options)
}

/** `POST /v1beta/models/{model}:streamGenerateContent` as events, up to a `finishReason`. */
export async function* generateContentStream(
  connection: Connection,
  model: string,
  body: GenerateContentRequest,
  options: RequestOptions = {},
): AsyncGenerator<GenerateContentResponse, void, undefined> {
  yield* events<GenerateContentResponse>(
    connection,
    `${gemini(model, 'streamGenerateContent')}?alt=sse`,
    body,
    options,
    ({ candidates }) => candidates?.some(({ finishReason }) => finishReason) ?? false,
  )
}

/** `GET /v1/x402/chat`: a chat completion for those who cannot POST. */
export function x402Chat(
  connection: Connection,
  parameters: X402ChatQuery,
  options: RequestOptions = {},
): Promise<ChatCompletionResponse> {
  return requestJson(connection, 'GET', `/v1/x402/chat${query(parameters)}`, undefined, options)
}

async function* events<T extends object>(
  connection: Connection,
  path: string,
  body: NativeBody,
  options: RequestOptions,
  isLast: (event: T) => boolean,
): AsyncGenerator<T, void, undefined> {
  const answer = await request(connection, 'POST', path, body, options)
  yield* readChunks<T>(answer, streamBounds(connection, options), isLast)
}

function anthropic(options: RequestOptions): RequestOptions {
  return { ...options, headers: { 'anthropic-version': '2023-06-01', ...options.headers } }
}

function gemini(model: string, act: string): string {
  // Gemini's own model names have a folder before them.
  return `/v1beta/models/${encodeSegment(model.replace(/^models\//, ''))}:${act}`
}
