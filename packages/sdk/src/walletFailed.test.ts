import { describe, expect, test } from 'vitest'
import { ARouterError, TimeoutError, WalletRejectedError } from './errors'
import { plainCause } from './plainCause'
import { walletFailed } from './walletFailed'

const coded = (message: string, code: unknown) => Object.assign(new Error(message), { code })

describe('what a wallet throws', () => {
  test.each(['user_rejected', 4001])('with the code %s is its owner saying no', (code) => {
    const cause = coded('User rejected the request', code)
    const error = walletFailed(cause, 'pay')
    expect(error).toBeInstanceOf(WalletRejectedError)
    expect(error).toMatchObject({ code: 'wallet_rejected', fundsMoved: 'no', cause })
    expect(error.context.walletCode).toBe(4001)
  })

  test.each([coded('The device is locked', -32_603), new Error('x'), 'x', undefined, null, {}])(
    'otherwise is a wallet that failed: %s',
    (cause) => {
      const error = walletFailed(cause, 'pay')
      expect(error).toBeInstanceOf(ARouterError)
      expect(error).not.toBeInstanceOf(WalletRejectedError)
      expect(error).toMatchObject({ code: 'wallet_failed', fundsMoved: 'no' })
      expect(error.cause).toEqual(plainCause(cause))
    },
  )

  test.each([
    [coded('x', -32_603), -32_603],
    [coded('x', 'account_changed'), 'account_changed'],
    [Object.assign(coded('x', 'unknown_chain'), { walletCode: 4902 }), 4902],
  ])('keeps its own code, or that of the chain package: %s', (cause, walletCode) => {
    expect(walletFailed(cause, 'pay').context.walletCode).toBe(walletCode)
  })

  test('is told with what the wallet was asked to do, and why it could not', () => {
    const messages = [
      walletFailed(coded('no', 4001), 'sign in'),
      walletFailed(coded('no', 4001), 'pay'),
      walletFailed(new Error('The device is locked'), 'sign in'),
      walletFailed({ reason: 'odd' }, 'pay'),
    ].map(({ message }) => message)
    expect(messages).toMatchInlineSnapshot(`
      [
        "The wallet declined to sign in. Funds moved: no. Ask again when its owner agrees.",
        "The wallet declined to pay. Funds moved: no. Ask again when its owner agrees.",
        "The wallet could not sign in: The device is locked. Funds moved: no.",
        "The wallet could not pay: unknown reason. Funds moved: no.",
      ]
    `)
  })

  test('is passed on where it is an error of ours already', () => {
    const error = new TimeoutError('said')
    expect(walletFailed(error, 'pay')).toBe(error)
  })

  test('is shown without the key that a wallet may quote', () => {
    const key = `0x${'ab'.repeat(32)}`
    expect(walletFailed(new Error(`bad key ${key}`), 'pay').message).not.toContain(key)
  })
})
