import { expect, test } from 'vitest'
import { secretsOf } from './secrets'

const of = (body: RequestInit['body'], headers: Record<string, string> = {}, query = '') =>
  secretsOf({
    url: `https://gateway.example/v1/models${query}`,
    headers: new Headers(headers),
    body: body ?? undefined,
  })

test('the secrets of a request are its credentials, without their scheme', () => {
  expect(
    of(null, {
      authorization: 'Bearer a.b.c',
      'x-api-key': 'key',
      'x-goog-api-key': 'other key',
      'payment-signature': 'signed',
      'content-type': 'application/json',
      accept: '*/*',
    }).sort(),
  ).toEqual(['a.b.c', 'key', 'other key', 'signed'])
  expect(of(null, {}, '?alt=sse&key=a%2Fb')).toEqual(['a/b'])
  expect(of(null, {}, '?model=a-model-of-long-name&message=the+first+thing')).toEqual([
    'the first thing',
  ])
})

test('the secrets of a request are its words, whatever form it has', () => {
  const request = {
    model: 'a model of some long name',
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'the first thing' }] },
      { role: 'user', content: 'another thing' },
    ],
    stop: 'short',
    n: 1,
  }
  const words = ['the first thing', 'another thing']
  expect(new Set(of(JSON.stringify(request)))).toEqual(new Set(words))
  expect(new Set(of(new TextEncoder().encode(JSON.stringify(request))))).toEqual(new Set(words))
  const form = new FormData()
  form.set('prompt', 'another thing')
  form.set('file', new Blob(['bytes']))
  expect(of(form)).toEqual(['another thing'])
  expect(of('words that are no JSON')).toEqual(['words that are no JSON'])
  expect(of(null)).toEqual([])
})

test('the words of a request are found however deep they are', () => {
  const levels = 100_000
  const request = `${'['.repeat(levels)}"the first thing"${']'.repeat(levels)}`
  expect(of(request)).toEqual(['the first thing'])
})
