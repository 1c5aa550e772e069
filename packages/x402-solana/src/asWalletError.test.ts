import { expect, test } from 'vitest'
import { asWalletError } from './asWalletError'
import { WalletError } from './WalletError'

test.each([
  ['code 4001', Object.assign(new Error('no'), { code: 4001 })],
  ['code 4001 without being an Error', { code: 4001 }],
  ['code ACTION_REJECTED', Object.assign(new Error('no'), { code: 'ACTION_REJECTED' })],
  ['the name of the error', Object.assign(new Error('no'), { name: 'UserRejectedRequestError' })],
  ['a sentence', new Error('MetaMask: User denied message signature.')],
  ['a cause far down', new Error('a', { cause: new Error('b', { cause: { code: 4001 } }) })],
])('a refusal by the owner is known by %s', (_, cause) => {
  expect(asWalletError(cause)).toMatchObject({ code: 'user_rejected', cause })
})

test.each([
  ['an Error', new Error('device unplugged')],
  ['a string', 'boom'],
  ['nothing', undefined],
  ['another code', { code: -32603 }],
])('%s is a failure of the signer, kept as the cause', (_, cause) => {
  expect(asWalletError(cause)).toMatchObject({ code: 'signer_failed', cause })
})

test('a chain of causes that never ends is given up', () => {
  const error = new Error('loop')
  error.cause = error
  expect(asWalletError(error).code).toBe('signer_failed')
})

test('a WalletError stays itself', () => {
  const error = new WalletError('bad_signature', 'no')
  expect(asWalletError(error)).toBe(error)
})

test.each([
  [4100, 'unauthorized'],
  [4900, 'disconnected'],
  [-32002, 'request_pending'],
])('the code %i, however deep, is %s, and is kept', (walletCode, code) => {
  const inner = { code: walletCode, message: 'no' }
  const deep = [
    inner,
    new Error('outer', { cause: inner }),
    { code: -32603, data: { originalError: inner } },
    { ...inner, cause: { code: -32603 } },
  ]
  for (const cause of deep) {
    expect(asWalletError(cause)).toMatchObject({ code, walletCode, cause })
  }
})

test('a code that is not known is kept beside the failure', () => {
  expect(asWalletError({ code: -32603 })).toMatchObject({
    code: 'signer_failed',
    walletCode: -32603,
  })
})
