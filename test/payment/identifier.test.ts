import { x402ResourceServer } from '@x402/core/server'
import {
  appendPaymentIdentifierToExtensions,
  declarePaymentIdentifierExtension,
  extractAndValidatePaymentIdentifier,
  validatePaymentIdentifierRequirement,
} from '@x402/extensions/payment-identifier'
import { expect, test } from 'vitest'
import { paidAnswer, paymentRequired } from '../simulation/scriptedClient'
import { scene, TOKEN } from './scene'

/** A 402 with these extensions. */
function asking(extensions: unknown): Response {
  const terms = JSON.parse(atob(paymentRequired().headers.get('payment-required') ?? ''))
  const header = btoa(JSON.stringify({ ...terms, extensions }))
  return new Response(null, { status: 402, headers: { 'payment-required': header } })
}

const read = (header: string | undefined) => JSON.parse(atob(header ?? ''))
const { info, schema } = declarePaymentIdentifierExtension(true)
/** A server may state more than the extension does: it wants to have it back. */
const stated = { ...info, scope: 'order' }
const OFFERED = { 'payment-identifier': { info: stated, schema }, bazaar: {} }

test('a seller that knows payments by an identifier gets one, as the official server wants it', async () => {
  const { served, gateway } = scene()
  gateway.bare = ({ token }) => (token ? new Response('{}') : asking(OFFERED))
  const sent: string[] = []
  gateway.paid = ({ payment }) => {
    sent.push(payment ?? '')
    return paidAnswer(TOKEN)
  }
  expect(await served()).toBe(200)
  const payload = read(sent[0])
  expect(validatePaymentIdentifierRequirement(payload, true)).toEqual({ valid: true })
  const { x402Version, accepts } = read(asking(OFFERED).headers.get('payment-required') ?? '')
  const required = { x402Version, accepts, resource: { url: '' }, extensions: OFFERED }
  expect(new x402ResourceServer().validateExtensions(required, payload)).toEqual({ valid: true })
  const { id, validation } = extractAndValidatePaymentIdentifier(payload)
  expect(validation).toEqual({ valid: true })
  expect(id).toMatch(/^[0-9a-f]{32}$/)
  const official = appendPaymentIdentifierToExtensions(structuredClone(OFFERED), id ?? '')
  expect(official).toMatchObject(payload.extensions)
})

test('a payment keeps its identifier when it is sent again, and the next one has another', async () => {
  const { served, gateway } = scene()
  const ids: unknown[] = []
  let isLost = true
  gateway.bare = () => asking(OFFERED)
  gateway.paid = ({ payment }) => {
    ids.push(extractAndValidatePaymentIdentifier(read(payment)).id)
    if (isLost) throw new Error('the connection is gone')
    return paidAnswer()
  }
  await expect(served()).rejects.toMatchObject({ code: 'payment_unconfirmed' })
  isLost = false
  expect(await served()).toBe(200)
  expect(new Set(ids).size).toBe(1)
  expect(ids.length).toBeGreaterThan(1)
  expect(await served()).toBe(200)
  expect(new Set(ids).size).toBe(2)
})

test.each<[string, unknown]>([
  ['that is not offered', undefined],
  ['among other extensions only', { bazaar: { info: { required: true } } }],
  ['of no form', { 'payment-identifier': 'yes' }],
  ['without info', { 'payment-identifier': {} }],
  ['in a list', ['payment-identifier']],
])('an identifier %s is not sent', async (_, extensions) => {
  const { served, gateway } = scene()
  gateway.bare = ({ token }) => (token ? new Response('{}') : asking(extensions))
  gateway.paid = ({ payment }) => {
    expect(read(payment)).not.toHaveProperty('extensions')
    return paidAnswer(TOKEN)
  }
  expect(await served()).toBe(200)
})
