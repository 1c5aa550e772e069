import { expect, test } from 'vitest'
import { compose, type Interceptor } from './compose'
import { createExchange, parseBase } from './exchange'

const exchange = () => createExchange(parseBase('https://gateway.example'), '/', undefined, 1_000)

test('the first layer is outermost: it sees the exchange first and the answer last', async () => {
  const seen: string[] = []
  const layer =
    (name: string): Interceptor =>
    async (given, next) => {
      seen.push(`${name} in`)
      const response = await next(given)
      seen.push(`${name} out`)
      return response
    }
  const send = compose([layer('a'), layer('b')], async () => {
    seen.push('send')
    return new Response('answer')
  })
  expect(await (await send(await exchange())).text()).toBe('answer')
  expect(seen).toEqual(['a in', 'b in', 'send', 'b out', 'a out'])
})

test('a layer may send again, or not at all', async () => {
  let sends = 0
  const send = async () => new Response(String(++sends))
  const twice: Interceptor = async (given, next) => {
    await next(given)
    return next(given)
  }
  const never: Interceptor = async () => new Response('kept')
  expect(await (await compose([twice], send)(await exchange())).text()).toBe('2')
  expect(await (await compose([never, twice], send)(await exchange())).text()).toBe('kept')
  expect(sends).toBe(2)
})

test('without layers it is the send itself', () => {
  const send = async () => new Response()
  expect(compose([], send)).toBe(send)
})
