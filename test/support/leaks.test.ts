import { ARouter } from '@arouter/sdk'
import { Keypair } from '@solana/web3.js'
import { generatePrivateKey } from 'viem/accounts'
import { expect, test } from 'vitest'
import { ARouterError, ConnectionError } from '../../packages/sdk/src/errors'
import { failure } from './harness'
import { jwt } from './hostileGateway'
import { plant, takeLeaks } from './leaks'

const TOKEN = jwt({ sub: 'somebody' })
const carry = (headers: Record<string, string>) => new Headers(headers)
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')

test('a test without a leak has none', () => {
  carry({ authorization: `Bearer ${TOKEN}` })
  new ARouterError(400, 'bad', 'no', { context: { model: 'm' }, cause: new Error('no') })
  expect(takeLeaks()).toEqual([])
})

const PLACES: Readonly<Record<string, (said: string) => unknown>> = {
  'the message': (said) => new ARouterError(400, 'bad', `no: ${said}`),
  'the code': (said) => new ARouterError(400, said, 'no'),
  'the id of the request': (requestId) => new ARouterError(400, 'bad', 'no', { requestId }),
  'the context': (said) => new ARouterError(400, 'bad', 'no', { context: { deep: [{ said }] } }),
  'a cause of the cause': (said) =>
    new ConnectionError('no', { cause: new Error('no', { cause: { said } }) }),
  'a member given later': (said) => Object.assign(new ConnectionError('no'), { said }),
}

test.each(Object.entries(PLACES))('a token in %s of an error is a leak', (_, make) => {
  carry({ authorization: `Bearer ${TOKEN}` })
  make(TOKEN)
  expect(takeLeaks()).toEqual([expect.stringContaining(`an error shows ${TOKEN}`)])
  expect(takeLeaks()).toEqual([]) // Told once.
})

test.each([
  ['x-api-key', 'lr_live_0123456789abcdef', 'lr_live_0123456789abcdef'],
  [
    'payment-signature',
    base64({ payload: { signature: '0x0123456789abcdef' } }),
    '0x0123456789abcdef',
  ],
  ['x-payment', base64({ payload: { transaction: '0123456789abcdef' } }), '0123456789abcdef'],
  ['sign-in-with-x', base64({ message: 'm', signature: 'abcdef0123456789' }), 'abcdef0123456789'],
])('what %s carries is a canary', (name, value, secret) => {
  for (const put of [
    () => carry({ [name]: value }),
    () => new Headers().set(name, value),
    () => new Headers().append(name, value),
  ]) {
    put()
    new ARouterError(400, 'bad', secret)
    expect(takeLeaks().join()).toContain(`an error shows ${secret}`)
  }
})

test('a key made here is a canary', () => {
  const keys = [generatePrivateKey(), Buffer.from(Keypair.generate().secretKey).toString('hex')]
  for (const key of keys) new ARouterError(400, 'bad', key)
  expect(takeLeaks()).toHaveLength(2)
})

test('a secret in a log is a leak', () => {
  plant(TOKEN)
  const { console } = globalThis
  console.debug('sent', { headers: { authorization: TOKEN } })
  expect(takeLeaks()).toEqual([expect.stringContaining(`a log shows ${TOKEN}`)])
  plant(TOKEN)
  process.stdout.write(`sent ${TOKEN}\n`)
  expect(takeLeaks()).toEqual([expect.stringContaining(`a log shows ${TOKEN}`)])
})

test('each of many errors is looked at', () => {
  plant(TOKEN)
  for (let i = 0; i < 2_000; i++) new ARouterError(400, 'bad', i === 7 ? TOKEN : 'no')
  expect(takeLeaks()).toHaveLength(1)
})

test('what a client sends is watched, and what it throws', async () => {
  const apiKey = 'lr_live_0123456789abcdef'
  const customFetch: typeof fetch = async () => new Response(null, { status: 418 })
  const error = await failure(new ARouter({ apiKey, customFetch }).listModels())
  expect(error).toBeInstanceOf(ARouterError)
  Object.assign(error as object, { sent: apiKey })
  expect(takeLeaks()).toEqual([expect.stringContaining(`an error shows ${apiKey}`)])
})
