import { expect, test } from 'vitest'
import { routeOf, urlFacts } from './urlFacts'

test.each([
  ['/v1/chat/completions', '/v1/chat/completions'],
  ['/a/prefix/v1/chat/completions', '/v1/chat/completions'],
  ['/api/v1/keys', '/api/v1/keys'],
  ['/api/v1/keys/a-hash', '/api/v1/keys/{hash}'],
  ['/v1beta/models/some-model:generateContent', '/v1beta/models/{model}:generateContent'],
  ['/v1beta/models/m:streamGenerateContent', '/v1beta/models/{model}:streamGenerateContent'],
  ['/v1beta/models/m:somethingElse', undefined],
  ['/v1/an-rpc-key', undefined],
  ['/openai/v1/files/1', undefined],
  ['/', undefined],
])('%s is the route %s', (path, route) => {
  expect(routeOf(path)).toBe(route)
})

test('of a URL neither query nor user nor any path but a route is told', () => {
  expect(
    urlFacts('https://user:secret@gateway.example/secret/v1/models?key=secret#secret'),
  ).toEqual({
    route: '/v1/models',
    server: { 'server.address': 'gateway.example', 'server.port': 443 },
    full: 'https://gateway.example/v1/models',
  })
  expect(urlFacts('http://rpc.example:8545/v2/secret')).toEqual({
    route: undefined,
    server: { 'server.address': 'rpc.example', 'server.port': 8545 },
    full: 'http://rpc.example:8545/*',
  })
  expect(urlFacts('http://localhost').server['server.port']).toBe(80)
})
