import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeBase64 } from '../encoding'
import { decodeReceipt } from './receipt'

const receipt = {
  success: true,
  transaction: '0xabc',
  network: 'eip155:8453',
  payer: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  jwt: 'a.b.c',
}
const read = (value: unknown, name = 'payment-response') =>
  decodeReceipt(new Headers({ [name]: encodeBase64(JSON.stringify(value)) }))

describe('a receipt', () => {
  test.each(['PAYMENT-RESPONSE', 'X-PAYMENT-RESPONSE'])('is read from %s', (name) => {
    expect(read(receipt, name)).toEqual({ ...receipt, errorReason: undefined })
  })

  test('of x402 v2 goes before one of v1', () => {
    const headers = new Headers({
      'payment-response': encodeBase64(JSON.stringify(receipt)),
      'x-payment-response': encodeBase64(JSON.stringify({ success: false })),
    })
    expect(decodeReceipt(headers)?.success).toBe(true)
  })

  test.each([
    ['0xabc', '0xabc'],
    ['5UfDuX7WXY', '5UfDuX7WXY'],
    ['a'.repeat(88), 'a'.repeat(88)],
    ['a'.repeat(89), ''],
    ['', ''],
    ['0xabc and more', ''],
    ['see 0xabc', ''],
    ['<script>', ''],
  ])('with the transaction %j is of the transaction %j', (transaction, taken) => {
    expect(read({ ...receipt, transaction })?.transaction).toBe(taken)
  })

  test('may say that there was no success, and why', () => {
    expect(read({ success: false, errorReason: 'insufficient_funds' })).toEqual({
      success: false,
      transaction: '',
      network: '',
      payer: undefined,
      errorReason: 'insufficient_funds',
      jwt: undefined,
    })
  })

  test.each([
    {},
    { success: 'true' },
    { success: 1 },
    { success: null },
    [{ success: true }],
    'true',
    null,
  ])('is not read from %j: success is true or false and nothing else', (value) => {
    expect(read(value)).toBeUndefined()
  })

  test.each(['transaction', 'network', 'payer', 'errorReason'])(
    'is none where its %s is neither text nor null',
    (name) => {
      for (const value of [5, {}, ['a'], true, false]) {
        expect(read({ success: true, [name]: value })).toBeUndefined()
      }
      expect(read({ success: true, [name]: null })?.success).toBe(true)
    },
  )

  test('is not there where there is no header, or one of more than 16 KiB', () => {
    expect(decodeReceipt(new Headers())).toBeUndefined()
    expect(decodeReceipt(new Headers({ 'payment-response': '' }))).toBeUndefined()
    expect(read({ ...receipt, pad: 'x'.repeat(16_000) })).toBeDefined()
    expect(read({ ...receipt, pad: 'x'.repeat(17_000) })).toBeUndefined()
  })

  test('is none, and no error, whatever the header says', () => {
    const printable = fc.string({ unit: 'grapheme-ascii' })
    fc.assert(
      fc.property(fc.oneof(printable, fc.json().map(encodeBase64)), (header) => {
        const found = decodeReceipt(new Headers({ 'payment-response': header }))
        if (found) expect(typeof found.success).toBe('boolean')
      }),
    )
  })
})
