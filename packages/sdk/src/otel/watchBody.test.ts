import { expect, test } from 'vitest'
import { type BodyEnd, watchBody } from './watchBody'

function watched(...pieces: readonly (string | Error)[]) {
  let at = 0
  let cancelled: unknown
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const piece = pieces[at++]
        if (piece === undefined) controller.close()
        else if (piece instanceof Error) controller.error(piece)
        else controller.enqueue(encoder.encode(piece))
      },
      cancel: (reason) => {
        cancelled = reason
      },
    },
    { highWaterMark: 0 },
  )
  const seen: string[] = []
  const ends: BodyEnd[] = []
  const source = new Response(body, { status: 203, headers: { 'x-more': '1' } })
  Object.defineProperty(source, 'url', { value: 'https://gateway.example/v1/models' })
  const response = watchBody(
    source,
    (text) => seen.push(text),
    (how) => ends.push(how),
  )
  return { response, seen, ends, pulled: () => at, cancelled: () => cancelled }
}

test('a body passes as it is, and is seen on its way', async () => {
  const { response, seen, ends } = watched('one ', 'two')
  expect(response.status).toBe(203)
  expect(response.headers.get('x-more')).toBe('1')
  expect(response.url).toBe('https://gateway.example/v1/models')
  expect(await response.text()).toBe('one two')
  expect(seen).toEqual(['one ', 'two'])
  expect(ends).toEqual(['whole'])
})

test('nothing is read ahead of its reader', async () => {
  const { response, pulled } = watched('one', 'two', 'three')
  const reader = response.body?.getReader()
  expect(pulled()).toBe(0)
  await reader?.read()
  expect(pulled()).toBe(1)
})

test('a body that breaks breaks for its reader too', async () => {
  const broken = new Error('broken')
  const { response, ends } = watched('one', broken)
  await expect(response.text()).rejects.toBe(broken)
  expect(ends).toEqual(['broken'])
})

test('a body that is given up is given up at its source', async () => {
  const { response, ends, cancelled } = watched('one', 'two')
  await response.body?.cancel('enough')
  expect(cancelled()).toBe('enough')
  expect(ends).toEqual(['left'])
})

test('no body is one that has ended', () => {
  const ends: BodyEnd[] = []
  const response = new Response(null, { status: 204 })
  expect(
    watchBody(
      response,
      () => undefined,
      (how) => ends.push(how),
    ),
  ).toBe(response)
  expect(ends).toEqual(['whole'])
})
