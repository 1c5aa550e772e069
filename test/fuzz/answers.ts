import { chatCompletion, chatCompletionStream } from '../../packages/sdk/src/api/chat'
import type { Chance } from '../simulation/Chance'
import type { Area } from './Case'
import { createSubject, endOf, faultsOf } from './client'
import { evm } from './honest'
import { headerSafe, mutateBytes, mutateJson, mutateText, writeJson } from './mutate'
import { isMembers, type Members, readMembers } from './oracle'
import { REQUEST } from './terms'

const CANARY = `${'A'.repeat(20)}.${'b'.repeat(40)}.${'c'.repeat(40)}`

/** Refusals of every status, with what they say. */
export const refusals: Area = {
  name: 'error body',
  share: 7,
  draw: (chance) => {
    const error = { message: `no: ${CANARY}`, type: 'invalid_request_error', code: 'bad' }
    const honest = chance.pick<object>({ error }, { code: 'bad', message: error.message }, error)
    const texts = [`Bearer ${CANARY}`, 'x'.repeat(5_000), 'a\r\nb', '\u202e', 'Funds moved: yes.']
    const dictionary = { error: texts, message: texts, code: texts, type: texts }
    const value = mutateJson(chance, honest, dictionary, chance.pick(0, 1, 2))
    const json = new TextEncoder().encode(writeJson(chance, value))
    const bytes = chance.happens(0.2) ? mutateBytes(chance, json) : json
    const status = chance.pick(400, 401, 402, 403, 404, 405, 409, 418, 422, 429, 451, 500, 503, 599)
    const headers = {
      'retry-after': headerSafe(
        chance.pick('0', '1', '-1', '1e9', 'soon', mutateText(chance, '60')),
      ),
      'x-request-id': headerSafe(chance.pick('id', `id ${CANARY}`, 'x'.repeat(3_000))),
      date: headerSafe(chance.pick('Fri, 20 Nov 2026 16:00:00 GMT', 'never', '1e99')),
    }
    const subject = createSubject(
      [evm],
      { signIn: 'never' },
      () => new Response(Buffer.from(bytes), { status, headers }),
    )
    return {
      shown: { status, headers, body: new TextDecoder().decode(bytes) },
      conforms: isErrorBody(readMembers(new TextDecoder().decode(bytes))),
      act: () => endOf(subject, () => chatCompletion(subject.connection, REQUEST)),
      judge: (ended) => {
        const faults = faultsOf(ended)
        if (ended.outcome === 'answer') faults.push('took a refusal for an answer')
        if (ended.signatures > 0) faults.push('signed for a refusal')
        const { message, code, requestId } = ended.thrown as Record<string, string> // by faultsOf
        if (`${message} ${code} ${requestId}`.includes(CANARY)) faults.push('repeats a token')
        return faults
      },
    }
  },
}

/** Whether it is one of the forms that an error has. */
function isErrorBody(body: Members | undefined): boolean {
  const inner = isMembers(body?.error) ? body.error : body
  return typeof inner?.message === 'string'
}

/** Streams of events. */
export const streams: Area = {
  name: 'event stream',
  share: 8,
  draw: (chance) => {
    const bytes = drawStream(chance)
    const pieces = cut(chance, bytes)
    const subject = createSubject([evm], { signIn: 'never' }, () => {
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          for (const piece of pieces) controller.enqueue(piece)
          controller.close()
        },
      })
      return new Response(body)
    })
    const chunks: unknown[] = []
    const read = async () => {
      for await (const chunk of chatCompletionStream(subject.connection, REQUEST))
        chunks.push(chunk)
    }
    const expected = readStream(new TextDecoder().decode(bytes))
    return {
      shown: { stream: new TextDecoder().decode(bytes) },
      conforms: expected.end === 'answer',
      act: () => endOf(subject, read),
      judge: (ended) => {
        const faults = faultsOf(ended)
        if (ended.outcome !== expected.end) faults.push(`${ended.outcome}, not ${expected.end}`)
        if (JSON.stringify(chunks) !== JSON.stringify(expected.chunks)) faults.push('other chunks')
        if (ended.signatures > 0) faults.push('signed for a stream')
        return faults
      },
    }
  },
}

function drawStream(chance: Chance): Uint8Array {
  const line = chance.pick('\n', '\n', '\r\n', '\r')
  const chunk = { id: 'c', choices: [{ index: 0, delta: { content: 'héllo' } }] }
  const event = () => {
    const data = writeJson(chance, mutateJson(chance, chunk, {}, chance.pick(0, 0, 0, 1)))
    return chance.pick(
      `data: ${data}`,
      `data: ${data}`,
      `data:${data}`,
      `: comment${line}data: ${data}`,
      `event: message${line}id: 1${line}data: ${data}`,
      `data: {"id":${line}data: "c"}`,
      `event: error${line}data: {"error":{"message":"out of credit"}}`,
      'data:',
      'retry: 10',
      'data',
    )
  }
  const events = Array.from({ length: chance.between(0, 6) }, event)
  const end = chance.pick(['data: [DONE]'], ['data: [DONE]'], ['data: [DONE]'], [])
  const text = [...events, ...end].map((one) => one + line + line).join('')
  const bytes = new TextEncoder().encode(chance.happens(0.1) ? `\ufeff${text}` : text)
  return chance.happens(0.4) ? mutateBytes(chance, bytes) : bytes
}

function cut(chance: Chance, bytes: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const size = chance.pick(1, 2, 7, 64, bytes.length)
    pieces.push(bytes.slice(at, at + size))
    at += size
  }
  return pieces.slice(0, 400).concat(pieces.length > 400 ? [joined(pieces.slice(400))] : [])
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]))
}

/** The chunks of a whole stream and how it ends, by the HTML Standard and the rules of the SDK. */
function readStream(text: string): { readonly chunks: unknown[]; readonly end: string } {
  const lines = text.split(/\r\n|\n|\r/)
  lines.pop() // What no line ending follows is no line.
  const chunks: unknown[] = []
  let data: string[] = []
  let type = ''
  for (const line of lines) {
    if (line === '') {
      const whole = data.join('\n')
      const isError = type === 'error'
      const isThere = data.length > 0
      data = []
      type = ''
      if (!isThere) continue
      if (whole.startsWith('[DONE]')) return { chunks, end: 'answer' }
      if (whole === '') continue
      const value = parsed(whole)
      const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
      const isReport = isObject && Boolean(Reflect.get(value, 'error'))
      if (isError || isReport) return { chunks, end: 'stream_error' }
      if (!isObject) return { chunks, end: 'stream_malformed' }
      chunks.push(value)
      continue
    }
    const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
    if (name === 'data') data.push(line.includes(':') ? value : '')
    if (name === 'event') type = line.includes(':') ? value : ''
  }
  return { chunks, end: 'stream_truncated' }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
