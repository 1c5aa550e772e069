import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type EventBounds, eventParser, type ServerSentEvent } from './eventParser'
import { SseError } from './SseError'

const bytesOf = (text: string) => new TextEncoder().encode(text)

function parse(pieces: readonly Uint8Array[], bounds: EventBounds = {}): ServerSentEvent[] {
  const parser = eventParser(bounds)
  const events: ServerSentEvent[] = []
  for (const piece of pieces) {
    parser.feed(piece)
    for (let event = parser.next(); event; event = parser.next()) events.push(event)
  }
  return events
}

/** The steps of the HTML Standard, one after the other over the whole text, with no thought of speed. */
function reference(bytes: Uint8Array): ServerSentEvent[] {
  const lines = new TextDecoder().decode(bytes).split(/\r\n|\r|\n/)
  lines.pop()
  const events: ServerSentEvent[] = []
  let type = ''
  let data = ''
  let id = ''
  for (const line of lines) {
    if (line === '') {
      if (data !== '') events.push({ event: type || 'message', data: data.replace(/\n$/, ''), id })
      type = ''
      data = ''
      continue
    }
    if (line.startsWith(':')) continue
    const [, name = line, value = ''] = /^([^:]*): ?(.*)$/s.exec(line) ?? []
    if (name === 'event') type = value
    if (name === 'data') data += `${value}\n`
    if (name === 'id' && !value.includes('\0')) id = value
  }
  return events
}

function split(bytes: Uint8Array, points: readonly number[]): Uint8Array[] {
  const sorted = [...new Set(points)].filter((point) => point < bytes.length).sort((a, b) => a - b)
  return [0, ...sorted].map((from, index) => bytes.subarray(from, sorted[index] ?? bytes.length))
}

const message = (data: string, id = ''): ServerSentEvent => ({ event: 'message', data, id })

const corpus: Record<string, { stream: string; events: ServerSentEvent[] }> = {
  'one line of data': { stream: 'data: {"a":1}\n\n', events: [message('{"a":1}')] },
  'data without a space': { stream: 'data:x\n\n', events: [message('x')] },
  'only the first space is dropped': { stream: 'data:  x \n\n', events: [message(' x ')] },
  'several lines of data': { stream: 'data: a\ndata:\ndata: b\n\n', events: [message('a\n\nb')] },
  'a data field without a colon': {
    stream: 'data\n\ndata\ndata\n\n',
    events: [message(''), message('\n')],
  },
  'CRLF line ends': {
    stream: 'data: a\r\ndata: b\r\n\r\ndata: c\r\n\r\n',
    events: [message('a\nb'), message('c')],
  },
  'CR line ends': {
    stream: 'data: a\rdata: b\r\rdata: c\r\r',
    events: [message('a\nb'), message('c')],
  },
  'mixed line ends': {
    stream: 'data: a\r\n\ndata: b\n\r\ndata: c\r\r\n',
    events: ['a', 'b', 'c'].map((data) => message(data)),
  },
  'a byte order mark': { stream: '\ufeffdata: a\n\n', events: [message('a')] },
  'a second byte order mark is part of a field name': {
    stream: '\ufeff\ufeffdata: a\n\ndata: b\n\n',
    events: [message('b')],
  },
  'a byte order mark inside data is data': {
    stream: 'data: \ufeffa\n\n',
    events: [message('\ufeffa')],
  },
  comments: { stream: ': ping\n\n:\ndata: a\n: between\ndata: b\n\n', events: [message('a\nb')] },
  'an event type, which the next event does not inherit': {
    stream: 'event: error\ndata: a\n\ndata: b\n\n',
    events: [{ event: 'error', data: 'a', id: '' }, message('b')],
  },
  'a type without data dispatches nothing': {
    stream: 'event: error\n\ndata: b\n\n',
    events: [message('b')],
  },
  'ids stay until the next one': {
    stream: 'id: 1\ndata: a\n\ndata: b\n\nid: 2\n\ndata: c\n\nid\ndata: d\n\n',
    events: [message('a', '1'), message('b', '1'), message('c', '2'), message('d')],
  },
  'an id with NUL is ignored': {
    stream: 'id: 1\nid: 2\0\ndata: a\n\n',
    events: [message('a', '1')],
  },
  'retry and unknown fields are ignored': {
    stream: 'retry: 5\nData: x\n data: y\ndata: a\n\n',
    events: [message('a')],
  },
  'an event without its empty line is dropped': {
    stream: 'data: a\n\ndata: b\n',
    events: [message('a')],
  },
  'a line without its end is dropped': { stream: 'data: a\n\ndata: b', events: [message('a')] },
  'characters of two, three and four bytes': {
    stream: 'data: größe 日本 🚀\n\n',
    events: [message('größe 日本 🚀')],
  },
  'an empty body': { stream: '', events: [] },
}

describe('an event stream', () => {
  for (const [name, { stream, events }] of Object.entries(corpus)) {
    const bytes = bytesOf(stream)

    test(`${name}: read by the WHATWG rules`, () => {
      expect(parse([bytes])).toEqual(events)
      expect(reference(bytes)).toEqual(events)
    })

    test(`${name}: the same wherever the network cuts it`, () => {
      for (let first = 0; first <= bytes.length; first++) {
        for (let second = first; second <= bytes.length; second++) {
          expect(parse(split(bytes, [first, second]))).toEqual(events)
        }
      }
      expect(parse([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(events)
    })
  }

  const fragment = fc.oneof(
    fc.constantFrom(
      'data',
      'event',
      'id',
      'retry',
      ':',
      ': ',
      ' ',
      '\n',
      '\r',
      '\r\n',
      '\n\n',
      '\0',
    ),
    fc.constantFrom('data: {"a":1}\n\n', '\ufeff', 'é', '€', '🚀', '[DONE]'),
    fc.string({ maxLength: 8, unit: 'binary' }),
  )
  const streams = fc.array(fragment, { maxLength: 40 }).map((parts) => bytesOf(parts.join('')))
  const cuts = fc.array(fc.nat({ max: 300 }), { maxLength: 12 })

  test('any text, cut anywhere, gives the events of the standard', () => {
    fc.assert(
      fc.property(streams, cuts, (bytes, points) => {
        expect(parse(split(bytes, points))).toEqual(reference(bytes))
      }),
      { numRuns: 2_000 },
    )
  })

  test('bytes that are no UTF-8 become the same replacement characters wherever they are cut', () => {
    const odd = fc.constantFrom(
      0x80,
      0xbf,
      0xc0,
      0xc3,
      0xe2,
      0x82,
      0xac,
      0xed,
      0xa0,
      0xf0,
      0x9f,
      0xf4,
      0xf8,
      0xff,
      0x61,
    )
    fc.assert(
      fc.property(fc.array(odd, { maxLength: 20 }), cuts, (noise, points) => {
        const bytes = Uint8Array.of(...bytesOf('data: '), ...noise, ...bytesOf('\n\n'))
        expect(parse(split(bytes, points))).toEqual(reference(bytes))
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('a stream larger than its bounds', () => {
  const tooLong = (pieces: readonly string[], bounds: EventBounds) => {
    const parser = eventParser(bounds)
    const data: string[] = []
    try {
      for (const piece of pieces) {
        parser.feed(bytesOf(piece))
        for (let event = parser.next(); event; event = parser.next()) data.push(event.data)
      }
    } catch (error) {
      return { data, reason: error instanceof SseError ? error.reason : error }
    }
    return { data, reason: undefined }
  }

  test('a line over maxLine fails after the events before it, complete or still coming', () => {
    const expected = { data: ['a'], reason: 'too_long' }
    const long = `data: ${'x'.repeat(20)}`
    expect(tooLong([`data: a\n\n${long}\n\n`], { maxLine: 25 })).toEqual(expected)
    expect(tooLong([`data: a\n\n${long}`], { maxLine: 25 })).toEqual(expected)
    expect(tooLong(['data: a\n\n', ...long], { maxLine: 25 })).toEqual(expected)
    expect(tooLong([`data: a\n\n${long}\n\n`], { maxLine: 26 }).reason).toBeUndefined()
  })

  test('an event over maxEvent fails, in one line or in many', () => {
    expect(tooLong(['data: a\n\ndata: 12345\n\n'], { maxEvent: 4 })).toEqual({
      data: ['a'],
      reason: 'too_long',
    })
    expect(tooLong(['data: 12\ndata: 34\n\n'], { maxEvent: 4 }).reason).toBe('too_long')
    expect(tooLong(['data: 12\ndata: 3\n\n'], { maxEvent: 4 })).toEqual({
      data: ['12\n3'],
      reason: undefined,
    })
  })

  test('without bounds given, a line may have 1 Mi and an event 4 Mi characters', () => {
    const line = `data:${'x'.repeat(1_048_576 - 5)}`
    expect(tooLong([line], {}).reason).toBeUndefined()
    expect(tooLong([`${line}x`], {}).reason).toBe('too_long')
    const half = `data:${'x'.repeat(524_287)}\n`
    expect(tooLong([half.repeat(8)], {}).reason).toBeUndefined()
    expect(tooLong([`${half.repeat(8)}data\ndata\n`], {}).reason).toBe('too_long')
  })
})
