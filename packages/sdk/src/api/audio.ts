import type { Billed } from './bill'
import {
  type Connection,
  type RequestOptions,
  readAnswer,
  readJson,
  request,
  requestWith,
} from './request'

/** Formats of a transcript. `text`, `srt` and `vtt` come back as text, the others as an object. */
export type AudioResponseFormat = 'json' | 'text' | 'srt' | 'verbose_json' | 'vtt'

/** What times are given for, with `verbose_json`. */
export type TimestampGranularity = 'word' | 'segment'

type TextFormat = 'text' | 'srt' | 'vtt'
type JsonFormat = Exclude<AudioResponseFormat, TextFormat>

/** `POST /v1/audio/translations`. Other fields pass through. */
export type TranslationRequest<Format extends AudioResponseFormat = JsonFormat> = {
  readonly file: Blob
  /** Default: the name of a `File`, or one that fits the type of a `Blob`. */
  readonly fileName?: string
  readonly model: string
  readonly prompt?: string
  readonly response_format?: Format
  readonly temperature?: number
}

/** `POST /v1/audio/transcriptions`. Other fields pass through. */
export type TranscriptionRequest<Format extends AudioResponseFormat = JsonFormat> =
  TranslationRequest<Format> & {
    /** ISO 639-1. */
    readonly language?: string
    readonly timestamp_granularities?: readonly TimestampGranularity[]
  }

/** What a request of these formats is answered with. */
export type Transcript<Format extends AudioResponseFormat, Structured> = Format extends TextFormat
  ? string
  : Structured

/** A word and when it is said, in seconds. */
export type TranscriptionWord = {
  readonly word: string
  readonly start: number
  readonly end: number
}

/** A passage and when it is said, in seconds. */
export type TranscriptionSegment = {
  readonly id: number
  readonly start: number
  readonly end: number
  readonly text: string
}

/** A translation; with `verbose_json` also what is beside the text. */
export type TranslationResponse = Billed & {
  readonly text: string
  readonly task?: string
  readonly language?: string
  /** Seconds. */
  readonly duration?: number
  readonly segments?: readonly TranscriptionSegment[]
}

/** A transcript; with `verbose_json` also what is beside the text. */
export type TranscriptionResponse = TranslationResponse & {
  readonly words?: readonly TranscriptionWord[]
}

/** `POST /v1/audio/speech`. Other fields pass through. */
export type SpeechRequest = {
  readonly model: string
  readonly input: string
  /** Its name, or one's own by its id. */
  readonly voice: string | { readonly id: string }
  readonly response_format?: 'mp3' | 'opus' | 'aac' | 'flac' | 'wav' | 'pcm'
  readonly speed?: number
  readonly instructions?: string
  readonly stream_format?: 'audio' | 'sse'
}

const TEXTS: readonly string[] = ['text', 'srt', 'vtt'] satisfies TextFormat[]

/** `POST /v1/audio/transcriptions` or `/translations`, as a form. */
export async function transcribe<Answer>(
  connection: Connection,
  task: 'transcriptions' | 'translations',
  { file, fileName = nameOf(file), ...fields }: TranscriptionRequest<AudioResponseFormat>,
  options: RequestOptions = {},
): Promise<Answer | string> {
  const form = new FormData()
  form.append('file', file, fileName)
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined) continue
    if (!Array.isArray(value)) form.append(field, String(value))
    else for (const each of value) form.append(`${field}[]`, String(each))
  }
  const path = `/v1/audio/${task}`
  const answer = await requestWith(connection, 'POST', path, { body: form }, options)
  return TEXTS.includes(fields.response_format ?? 'json')
    ? readAnswer(connection, answer, options)
    : readJson<Answer>(connection, answer, options)
}

/** `POST /v1/audio/speech`: the answer's body is the sound. */
export async function createSpeech(
  connection: Connection,
  body: SpeechRequest,
  options: RequestOptions = {},
): Promise<Response & Billed> {
  const { response, billed } = await request(connection, 'POST', '/v1/audio/speech', body, options)
  return billed(response)
}

/** Providers tell the encoding by the ending of the name. */
function nameOf(file: Blob): string {
  if (file instanceof File) return file.name
  const [, subtype = 'mpeg'] = /^audio\/(?:x-)?(\w+)/.exec(file.type) ?? []
  return `audio.${subtype === 'mpeg' ? 'mp3' : subtype}`
}
