import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isARouterError } from '../errors'
import { parseDuration, parseMoney } from './amount'
import { formatMoney } from './formatMoney'

function thrown(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error
  }
}

describe('an amount of money', () => {
  test.each([
    ['$5', 5_000_000n],
    ['$0.01', 10_000n],
    ['$0.000001', 1n],
    ['$1.5', 1_500_000n],
    ['$007', 7_000_000n],
    ['$0', 0n],
    ['$999999999999999.999999', 999_999_999_999_999_999_999n],
    [5n, 5n],
    [0n, 0n],
  ] as const)('%s is %s atomic units of USDC', (money, units) => {
    expect(parseMoney(money, 'topUp')).toBe(units)
  })

  test.each([
    '5',
    '$',
    '$-5',
    '-$5',
    '$5.',
    '$.5',
    '$5.0000001',
    '$5,000',
    '$1e3',
    '$ 5',
    '$5 ',
    '$5\n',
    '$0x5',
    '$٥',
    '€5',
    '',
    '$9999999999999999',
    -1n,
    5,
    0.1,
    Number.NaN,
    null,
    undefined,
    {},
    ['$5'],
    true,
  ])('%s is none', (money) => {
    // @ts-expect-error what JavaScript callers may pass
    const error = thrown(() => parseMoney(money, 'topUp'))
    expect(isARouterError(error, 'invalid_option')).toBe(true)
  })

  test('is read back from the way it is shown', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 20n }), (units) => {
        const shown = formatMoney(units)
        expect(shown).toMatch(/^\$\d+\.\d{2,6}$/)
        expect(parseMoney(`$${shown.slice(1)}`, 'topUp')).toBe(units)
      }),
    )
  })

  test.each([
    [5_000_000n, '$5.00'],
    [1n, '$0.000001'],
    [1_230_000n, '$1.23'],
    [1_234_500n, '$1.2345'],
    [0n, '$0.00'],
  ])('%s is shown as %s', (units, shown) => {
    expect(formatMoney(units)).toBe(shown)
  })
})

describe('a duration', () => {
  test.each([
    ['30s', 30_000],
    ['30m', 1_800_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
  ] as const)('%s is %i ms', (duration, ms) => {
    expect(parseDuration(duration, 'budget.window')).toBe(ms)
  })

  test.each(['0h', '24', 'h', '24H', '1.5h', '-1h', '1w', '24h ', '', '1234567s', 5, null, {}])(
    '%j is none',
    (duration) => {
      // @ts-expect-error what JavaScript callers may pass
      const error = thrown(() => parseDuration(duration, 'budget.window'))
      expect(isARouterError(error, 'invalid_option')).toBe(true)
    },
  )
})

test('an option that cannot be read is named, with an example of a good one', () => {
  const messages = [
    // @ts-expect-error a number
    thrown(() => parseMoney(5, 'maxPerPayment')),
    // @ts-expect-error no unit
    thrown(() => parseDuration('24', 'budget.window')),
  ].map(String)
  expect(messages).toMatchInlineSnapshot(`
    [
      "ARouterError: maxPerPayment must be a dollar string such as '$5' or '$0.01', or a bigint of atomic units.",
      "ARouterError: budget.window must be a duration such as '30m' or '24h'.",
    ]
  `)
})
