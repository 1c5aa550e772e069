import type * as sdk from '@arouter/sdk'
import type OpenAI from 'openai'
import type { TranscriptionVerbose } from 'openai/resources/audio/transcriptions'
import { expectTypeOf, test } from 'vitest'

type Body<Method extends 'chatCompletion' | 'createEmbedding' | 'createSpeech'> = Parameters<
  sdk.ARouter[Method]
>[0]

// The compiler is what checks these: `npm run types`.

test('what is written for the openai package can be sent with the SDK', () => {
  expectTypeOf<OpenAI.ChatCompletionCreateParamsNonStreaming>().toExtend<Body<'chatCompletion'>>()
  expectTypeOf<OpenAI.EmbeddingCreateParams>().toExtend<Body<'createEmbedding'>>()
  expectTypeOf<OpenAI.ChatCompletionMessageParam>().toExtend<sdk.Message>()
  expectTypeOf<OpenAI.ChatCompletionFunctionTool>().toExtend<sdk.Tool>()
  expectTypeOf<OpenAI.ChatCompletionCustomTool>().toExtend<sdk.CustomTool>()
  expectTypeOf<OpenAI.ChatCompletionToolChoiceOption>().toExtend<sdk.ToolChoice>()
})

test('what answers in OpenAI’s form answers in the SDK’s', () => {
  expectTypeOf<OpenAI.CompletionUsage>().toExtend<sdk.Usage>()
  expectTypeOf<OpenAI.ChatCompletionChunk>().toExtend<sdk.ChatCompletionChunk>()
  expectTypeOf<OpenAI.ChatCompletionMessageFunctionToolCall>().toExtend<sdk.ToolCall>()
  expectTypeOf<OpenAI.CreateEmbeddingResponse>().toExtend<sdk.EmbeddingResponse>()
  expectTypeOf<OpenAI.Model>().toExtend<sdk.ModelInfo>()
  expectTypeOf<TranscriptionVerbose>().toExtend<sdk.TranscriptionResponse>()
})

test('a request of the SDK in OpenAI’s terms can be sent with the openai package', () => {
  expectTypeOf<sdk.Tool>().toExtend<OpenAI.ChatCompletionFunctionTool>()
  expectTypeOf<sdk.ToolCall>().toExtend<OpenAI.ChatCompletionMessageFunctionToolCall>()
  expectTypeOf<sdk.Usage>().toExtend<OpenAI.CompletionUsage>()
})

test('fields nobody has heard of can be sent, and known ones have their types', () => {
  const known = { model: 'm', messages: [] }
  expectTypeOf({ ...known, brand_new: 1 }).toExtend<Body<'chatCompletion'>>()
  expectTypeOf({ ...known, temperature: 'hot' }).not.toExtend<Body<'chatCompletion'>>()
  expectTypeOf({ ...known, provider: { sort: 'luck' as const } }).not.toExtend<
    Body<'chatCompletion'>
  >()
})

test('a transcript is an object or text, as its format says', () => {
  type Of<Format extends sdk.AudioResponseFormat> = sdk.Transcript<Format, object>
  expectTypeOf<Of<'json' | 'verbose_json'>>().toEqualTypeOf<object>()
  expectTypeOf<Of<'text' | 'srt' | 'vtt'>>().toEqualTypeOf<string>()
  expectTypeOf<Of<sdk.AudioResponseFormat>>().toEqualTypeOf<object | string>()
})
