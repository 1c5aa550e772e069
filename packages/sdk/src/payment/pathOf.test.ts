import { expect, test } from 'vitest'
import { createExchange, parseBase } from '../exchange'
import { pathOf } from './pathOf'

test.each([
  ['https://gateway.example', '/v1/chat', '/v1/chat'],
  ['https://gateway.example', '/v1/chat?model=a/b#c', '/v1/chat'],
  ['https://gateway.example', 'https://gateway.example/v1/chat', '/v1/chat'],
  ['https://gateway.example', '/v1/free/../chat', '/v1/chat'],
  ['https://gateway.example', '/v1/free/%2e%2e/chat', '/v1/chat'],
  ['https://gateway.example', '/', '/'],
  ['https://gateway.example/api/', '/v1/chat', '/v1/chat'],
  ['https://gateway.example/api', 'https://gateway.example/v1/chat', '/v1/chat'],
  ['https://gateway.example/api', 'https://gateway.example/apiary/chat', '/apiary/chat'],
])('at %s the path of %s is %s', async (baseURL, input, path) => {
  const base = parseBase(baseURL)
  expect(pathOf(await createExchange(base, input, undefined, 1), base)).toBe(path)
})
