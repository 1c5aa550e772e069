import { expect, test } from 'vitest'
import { isOnRoute, parsePath } from './routePath'

test.each([
  ['/api/weather/:city', '/api/weather/oslo', true],
  ['/api/weather/:city', '/api/weather/', false],
  ['/api/weather/:city', '/api/weather', false],
  ['/api/weather/:city', '/api/weather/oslo/today', false],
  ['/api/weather/:city', '/api/tides/oslo', false],
  ['/', '/', true],
])('is %s the route of %s: %s', (route, path, expected) => {
  expect(isOnRoute(route, path)).toBe(expected)
})

test.each(['api', '/a//b', '/a b', '/:', '/*', '/a?b'])('%s is no path of a route', (path) => {
  expect(() => parsePath(path)).toThrow('cannot use the path')
})
