import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import { invalidRequest } from '../http/GatewayError'
import { readForm, readJsonBody } from '../http/readBody'
import { jsonResponse } from '../jsonResponse'
import { charge } from '../models/charge'
import { tokenize } from '../models/tokens'
import { modelOf } from './modelOf'
import { serve } from './serve'

const FORMATS = ['json', 'text', 'srt', 'verbose_json', 'vtt'] as const
const BYTES_PER_SECOND = 16_000

/** `POST /v1/audio/transcriptions` and `/translations`: a sentence about the recording. */
export function transcribe(
  gateway: Gateway,
  exchange: Exchange,
  task: 'transcribe' | 'translate',
): Promise<Response> {
  return serve(gateway, exchange, async () => {
    const form = await readForm(exchange.request)
    const model = modelOf(form.get('model'), 'transcribe')
    const file = form.get('file')
    if (!(file instanceof File)) throw invalidRequest('file is missing')
    const wanted = form.get('response_format') ?? 'json'
    const format = FORMATS.find((name) => name === wanted)
    if (!format) throw invalidRequest(`response_format must be one of ${FORMATS.join(', ')}`)
    const language = task === 'translate' ? 'en' : String(form.get('language') ?? 'en')
    const text = `A recording of ${file.size} bytes called ${file.name}.`
    const duration = Math.max(1, Math.ceil(file.size / BYTES_PER_SECOND))
    return {
      model,
      answer: (payer) => {
        charge(gateway, exchange, payer, model, {
          prompt: duration,
          completion: tokenize(text).length,
        })
        switch (format) {
          case 'json':
            return jsonResponse(gateway, exchange, { text })
          case 'verbose_json':
            return jsonResponse(gateway, exchange, {
              task,
              language,
              duration,
              text,
              ...timed(text, duration, form.getAll('timestamp_granularities[]')),
            })
          case 'text':
            return plain(`${text}\n`)
          case 'srt':
            return plain(`1\n${clock(0, ',')} --> ${clock(duration, ',')}\n${text}\n\n`)
          case 'vtt':
            return plain(`WEBVTT\n\n${clock(0, '.')} --> ${clock(duration, '.')}\n${text}\n\n`)
        }
      },
    }
  })
}

/** `POST /v1/audio/speech`: silence, longer for a longer text. */
export function speech(gateway: Gateway, exchange: Exchange): Promise<Response> {
  return serve(gateway, exchange, async () => {
    const { model: id, input, voice, response_format } = await readJsonBody(exchange.request)
    const model = modelOf(id, 'speak')
    if (typeof input !== 'string' || input === '') throw invalidRequest('input must be a string')
    if (typeof voice !== 'string' || voice === '') throw invalidRequest('voice must be a string')
    const format = response_format ?? 'mp3'
    if (format !== 'mp3' && format !== 'wav' && format !== 'pcm') {
      throw invalidRequest('response_format must be mp3, wav or pcm')
    }
    const words = tokenize(input).length
    return {
      model,
      answer: (payer) => {
        charge(gateway, exchange, payer, model, { prompt: words, completion: 0 })
        const { type, bytes } = silence(format, words)
        return new Response(bytes, { headers: { 'content-type': type } })
      },
    }
  })
}

function timed(text: string, duration: number, granularities: readonly unknown[]) {
  const words = text.split(' ')
  const step = duration / words.length
  return {
    segments: [{ id: 0, start: 0, end: duration, text }],
    ...(granularities.includes('word') && {
      words: words.map((word, index) => ({ word, start: index * step, end: (index + 1) * step })),
    }),
  }
}

function clock(seconds: number, point: ',' | '.'): string {
  const [time = ''] = new Date(seconds * 1000).toISOString().slice(11).split('.')
  return `${time}${point}000`
}

function plain(text: string): Response {
  return new Response(text, { headers: { 'content-type': 'text/plain; charset=utf-8' } })
}

const SAMPLE_RATE = 8_000
/** Header of a frame of MPEG-1 layer III, 128 kbit/s, 44.1 kHz; zeros after it are silence. */
const MP3_HEADER = [0xff, 0xfb, 0x90, 0x00]
const MP3_FRAME = 417

function silence(
  format: 'mp3' | 'wav' | 'pcm',
  words: number,
): { readonly type: string; readonly bytes: Uint8Array<ArrayBuffer> } {
  if (format === 'mp3') {
    const bytes = new Uint8Array(MP3_FRAME * words)
    for (let at = 0; at < bytes.length; at += MP3_FRAME) bytes.set(MP3_HEADER, at)
    return { type: 'audio/mpeg', bytes }
  }
  const samples = new Uint8Array((SAMPLE_RATE / 4) * words * 2)
  if (format === 'pcm') return { type: 'audio/pcm', bytes: samples }
  const bytes = new Uint8Array(44 + samples.length)
  const view = new DataView(bytes.buffer)
  const put = (at: number, name: string) => bytes.set(new TextEncoder().encode(name), at)
  put(0, 'RIFF')
  view.setUint32(4, 36 + samples.length, true)
  put(8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, SAMPLE_RATE, true)
  view.setUint32(28, SAMPLE_RATE * 2, true)
  view.setUint16(32, 2, true)
  view.setUint16(34, 16, true)
  put(36, 'data')
  view.setUint32(40, samples.length, true)
  return { type: 'audio/wav', bytes }
}
