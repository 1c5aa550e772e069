import type * as sdk from '@arouter/sdk'
import type OpenAI from 'openai'
import type { SpeechCreateParams } from 'openai/resources/audio/speech'
import type {
  Transcription,
  TranscriptionCreateParamsNonStreaming,
  TranscriptionVerbose,
} from 'openai/resources/audio/transcriptions'
import type {
  TranslationCreateParams,
  TranslationVerbose,
} from 'openai/resources/audio/translations'
import { expectTypeOf, test } from 'vitest'

type Body<Method extends 'chatCompletion' | 'createEmbedding' | 'createSpeech'> = Parameters<
  sdk.ARouter[Method]
>[0]

/** `T` without calls of custom tools: an answer has them only where a request has such a tool. */
type FunctionsOnly<T> = Omit<T, 'tool_calls' | 'function_call'> & {
  tool_calls?: OpenAI.ChatCompletionMessageFunctionToolCall[]
}
/** What code written for an answer of type `A` reads and one of type `B` has not, but for `Known`. */
type Missing<A, B, Known extends keyof A = never> = Exclude<keyof A, keyof B | Known>

// The compiler is what checks these: `npm run types`.

test('what is written for the openai package can be sent with the SDK', () => {
  expectTypeOf<OpenAI.ChatCompletionCreateParamsNonStreaming>().toExtend<Body<'chatCompletion'>>()
  expectTypeOf<OpenAI.ChatCompletionCreateParamsStreaming>().toExtend<
    Parameters<sdk.ARouter['chatCompletionStream']>[0]
  >()
  expectTypeOf<OpenAI.EmbeddingCreateParams>().toExtend<Body<'createEmbedding'>>()
  expectTypeOf<SpeechCreateParams>().toExtend<Body<'createSpeech'>>()
  type File<T> = Omit<T, 'file'> & { file: Blob }
  expectTypeOf<File<TranscriptionCreateParamsNonStreaming<'json'>>>().toExtend<
    sdk.Open<sdk.TranscriptionRequest<'json'>>
  >()
  expectTypeOf<File<TranslationCreateParams>>().toExtend<
    sdk.TranslationRequest<sdk.AudioResponseFormat>
  >()
  expectTypeOf<OpenAI.ChatCompletionMessageParam>().toExtend<sdk.Message>()
  expectTypeOf<OpenAI.ChatCompletionFunctionTool>().toExtend<sdk.Tool>()
  expectTypeOf<OpenAI.ChatCompletionCustomTool>().toExtend<sdk.CustomTool>()
  expectTypeOf<OpenAI.ChatCompletionToolChoiceOption>().toExtend<sdk.ToolChoice>()
})

test('what answers in OpenAI’s form answers in the SDK’s', () => {
  expectTypeOf<OpenAI.CompletionUsage>().toExtend<sdk.Usage>()
  expectTypeOf<OpenAI.ChatCompletionChunk>().toExtend<sdk.ChatCompletionChunk>()
  type Choice = OpenAI.ChatCompletion.Choice
  type Answer = Omit<OpenAI.ChatCompletion, 'choices'> & {
    choices: (Omit<Choice, 'message'> & { message: FunctionsOnly<Choice['message']> })[]
  }
  expectTypeOf<Answer>().toExtend<sdk.ChatCompletionResponse>()
  expectTypeOf<OpenAI.ChatCompletionMessageFunctionToolCall>().toExtend<sdk.ToolCall>()
  expectTypeOf<OpenAI.CreateEmbeddingResponse>().toExtend<sdk.EmbeddingResponse>()
  expectTypeOf<OpenAI.Model>().toExtend<sdk.ModelInfo>()
  expectTypeOf<TranscriptionVerbose>().toExtend<sdk.TranscriptionResponse>()
})

test('what is read of OpenAI’s answers is in the SDK’s', () => {
  // Of no gateway but OpenAI, and of what `tools` replaced.
  type Own = 'moderation' & keyof OpenAI.ChatCompletion
  type Old = 'function_call'
  type None<T> = [T] extends [never] ? 'none' : T
  type Answers = [
    Missing<OpenAI.ChatCompletion, sdk.ChatCompletionResponse, Own>,
    Missing<OpenAI.ChatCompletion.Choice, sdk.Choice>,
    Missing<OpenAI.ChatCompletionMessage, sdk.Choice['message'], Old>,
    Missing<OpenAI.ChatCompletionTokenLogprob, sdk.TokenLogprob>,
    Missing<OpenAI.ChatCompletionChunk, sdk.ChatCompletionChunk, Own>,
    Missing<OpenAI.ChatCompletionChunk.Choice, sdk.ChunkChoice>,
    Missing<OpenAI.ChatCompletionChunk.Choice.Delta, sdk.ChunkChoice['delta'], Old>,
    Missing<OpenAI.CompletionUsage, sdk.Usage>,
    Missing<OpenAI.CreateEmbeddingResponse, sdk.EmbeddingResponse>,
    Missing<OpenAI.Model, sdk.ModelInfo>,
    Missing<Transcription, sdk.TranscriptionResponse, 'usage' | 'logprobs'>,
    Missing<TranslationVerbose, sdk.TranslationResponse>,
  ]
  expectTypeOf<None<Answers[number]>>().toEqualTypeOf<'none'>()
  expectTypeOf<sdk.ChatCompletionResponse['choices'][number]['message']['content']>().toExtend<
    OpenAI.ChatCompletionMessage['content']
  >()
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
