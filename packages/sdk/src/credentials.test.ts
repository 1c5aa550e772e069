import { expect, test } from 'vitest'
import { keyIn, withoutKey } from './credentials'

const path = 'https://gateway.example/v1beta/models/m:generateContent'

test.each([
  [path, null, path],
  [`${path}?alt=sse`, null, `${path}?alt=sse`],
  [`${path}?monkey=1`, null, `${path}?monkey=1`],
  [`${path}?key=secret`, 'secret', path],
  [`${path}?k%65y=secret`, 'secret', path],
  [`${path}?alt=sse&key=secret&key=other`, 'secret', `${path}?alt=sse`],
  [`${path}?key=a%2Fb&alt=sse`, 'a/b', `${path}?alt=sse`],
  [`${path}?key=`, '', path],
])('%s carries the key %j, and without it is %s', (url, key, bare) => {
  expect(keyIn(url)).toBe(key)
  expect(withoutKey(url)).toBe(bare)
})
