import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeBase64 } from '../encoding'
import type { Attempt } from './Attempt'
import { verdictOf } from './verdict'

const attempt: Attempt = {
  v: 1,
  id: 'a1',
  state: 'signed',
  origin: 'https://gateway.example',
  from: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  network: 'eip155:8453',
  amount: '1000000',
  payTo: '0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359',
  createdAt: 0,
  changedAt: 0,
  worker: 'w',
  beat: 0,
  lease: 0,
}
const ours = { success: true, transaction: '0xabc', network: attempt.network, payer: attempt.from }
const header = (value: unknown) => encodeBase64(JSON.stringify(value))
const response = (status: number, receipt?: object, terms?: object) =>
  new Response(null, {
    status,
    headers: {
      ...(receipt && { 'payment-response': header(receipt) }),
      ...(terms && { 'payment-required': header(terms) }),
    },
  })
const said = (error: string) => ({ x402Version: 2, error, accepts: [] })
const kindOf = (given: Response) => verdictOf(given, attempt).kind

describe('an answer to a paid request', () => {
  test.each([200, 201, 204, 400, 402, 404, 429, 500, 503])(
    'of status %i settles it where a receipt says success',
    (status) => {
      expect(verdictOf(response(status, ours), attempt)).toMatchObject({
        kind: 'settled',
        receipt: ours,
      })
    },
  )

  test('settles it where it is 2xx without a receipt', () => {
    expect(verdictOf(response(200), attempt)).toEqual({ kind: 'settled', receipt: undefined })
  })

  test.each([
    'insufficient_funds',
    'insufficient_balance',
    'invalid_signature',
    'invalid_exact_evm_payload_signature',
    'invalid_exact_evm_payload_authorization_value_mismatch',
    'invalid_exact_svm_payload_transaction_amount_mismatch',
    'amount_mismatch',
    'unsupported_scheme',
    'payment_expired',
  ])('refuses it where a 402 gives the code %s', (code) => {
    const refusal = { kind: 'refused', reason: code }
    expect(verdictOf(response(402, { success: false, errorReason: code }), attempt)).toEqual(
      refusal,
    )
    expect(verdictOf(response(402, undefined, said(code)), attempt)).toEqual(refusal)
  })

  test.each([
    'nonce_already_used',
    'invalid_exact_evm_nonce_already_used',
    'duplicate_settlement',
    'settlement_pending',
    'invalid_transaction_replayed',
    'unexpected_settle_error',
    'transaction_in_progress',
    'invalid_payload_settlement_pending',
  ])('leaves it unknown where a 402 gives the code %s: it was, or is being, settled', (code) => {
    expect(kindOf(response(402, { success: false, errorReason: code }))).toBe('unknown')
    expect(kindOf(response(402, undefined, said(code)))).toBe('unknown')
  })

  test.each(['insufficient credits', 'Payment required', 'The signature is invalid', 'a_new_code'])(
    'leaves it unknown where a 402 says %j: prose and new codes say nothing',
    (reason) => {
      expect(kindOf(response(402, { success: false, errorReason: reason }))).toBe('unknown')
      expect(kindOf(response(402, undefined, said(reason)))).toBe('unknown')
    },
  )

  test('leaves it unknown where a 402 gives no reason, or terms that cannot be read', () => {
    expect(verdictOf(response(402), attempt)).toEqual({ kind: 'unknown', reason: '402 again' })
    const broken = new Response(null, { status: 402, headers: { 'payment-required': '%' } })
    expect(kindOf(broken)).toBe('unknown')
    expect(kindOf(response(402, { success: false }))).toBe('unknown')
  })

  test.each([400, 401, 403, 404, 409, 429, 500, 502, 503, 504])(
    'leaves it unknown where it is %i without a receipt of success',
    (status) => {
      const unknown = { kind: 'unknown', reason: `status ${status}` }
      expect(verdictOf(response(status), attempt)).toEqual(unknown)
      const failed = { success: false, errorReason: 'insufficient_funds' }
      expect(verdictOf(response(status, failed), attempt)).toEqual(unknown)
    },
  )

  test('reads the payer without regard to the case of hex', () => {
    const receipt = { ...ours, payer: attempt.from.toLowerCase() }
    expect(kindOf(response(500, receipt))).toBe('settled')
  })

  test('believes a receipt that names neither payer nor network by its CAIP-2 id', () => {
    expect(kindOf(response(500, { success: true }))).toBe('settled')
    expect(kindOf(response(500, { success: true, network: 'base' }))).toBe('settled')
  })

  test.each([
    { ...ours, payer: attempt.payTo },
    { ...ours, network: 'eip155:84532' },
    { ...ours, network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp' },
  ])('takes no word of a receipt for another payment: %#', (receipt) => {
    expect(kindOf(response(500, receipt))).toBe('unknown')
    expect(kindOf(response(402, receipt))).toBe('unknown')
    expect(verdictOf(response(200, receipt), attempt)).toEqual({
      kind: 'settled',
      receipt: undefined,
    })
  })

  test('shows no more of a reason than fits an error, and none of its secrets', () => {
    const key = `0x${'ab'.repeat(32)}`
    const errorReason = `bad ${key} ${'x '.repeat(400)}`
    const verdict = verdictOf(response(402, { success: false, errorReason }), attempt)
    expect(verdict).toMatchObject({ kind: 'unknown' })
    expect(JSON.stringify(verdict)).not.toContain(key)
    expect(JSON.stringify(verdict).length).toBeLessThan(300)
  })

  test('without a receipt of ours never settles unless it is 2xx, and refuses only on a 402', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.constantFrom('insufficient_funds', 'nonce_already_used'),
    )
    fc.assert(
      fc.property(
        fc.integer({ min: 200, max: 599 }),
        anything,
        anything,
        (status, reason, terms) => {
          fc.pre(![204, 205, 304].includes(status))
          const failed = { success: false, errorReason: reason }
          const kind = kindOf(response(status, failed, said(terms)))
          expect(kind === 'settled').toBe(status < 300)
          if (kind === 'refused') expect(status).toBe(402)
        },
      ),
    )
  })
})

describe('a reason', () => {
  test('takes nothing longer than a code for a code', () => {
    // A code is a word; the pattern for codes takes time in the square of the length.
    const reason = `invalid${'_invalid'.repeat(1_000)}`
    expect(kindOf(response(402, { success: false, errorReason: reason }))).toBe('unknown')
  })
})
