import { expect, test } from 'vitest'
import type { Offer } from './requirements'
import { singleNeed } from './singleNeed'

test('what its seller signed of an offer is noted with the payment', () => {
  const facts = { request: 'hash', resource: 'GET https://seller.example/joke' }
  const need = singleNeed({ ...facts, id: 'joke', answer: 'handed over' }, async () => ({}))
  const offer: Offer = {
    scheme: 'exact',
    network: 'eip155:8453',
    amount: 1n,
    asset: 'usdc',
    payTo: 'seller',
    maxTimeoutSeconds: 60,
    extra: {},
    raw: {},
  }
  const signed = { signer: 'seller', vouchedBy: 'payTo', statement: {} } as const
  expect(need.note(offer)).toEqual({ ...facts, need: 'joke' })
  expect(need.note({ ...offer, signed })).toEqual({ ...facts, need: 'joke', signedOffer: signed })
})
