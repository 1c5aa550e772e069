import type { PaymentPayload, PaymentRequired } from '@x402/core/types'
import { expect, test } from 'vitest'
import type { MockGateway } from '../createMockGateway'
import { chat, decoded } from '../testing/chat'
import { BASE, evmPayer, SOLANA, solanaPayer } from '../testing/officialClients'
import { sendPayment, signAt, signPayment } from '../testing/payments'
import { startGateway } from '../testing/startGateway'

const STRANGER = '0x1111111111111111111111111111111111111111'
const SOLANA_STRANGER = 'Vote111111111111111111111111111111111111111'

const withOffers =
  (change: Partial<PaymentRequired['accepts'][number]>) => (terms: PaymentRequired) => ({
    ...terms,
    accepts: terms.accepts.map((offer) => ({ ...offer, ...change })),
  })

const expectRefused = async (gateway: MockGateway, response: Response, reason: string) => {
  expect(response.status).toBe(402)
  expect(decoded(response, 'PAYMENT-RESPONSE')).toMatchObject({
    success: false,
    errorReason: reason,
  })
  expect(decoded(response, 'PAYMENT-REQUIRED')).toMatchObject({ error: reason })
  expect(gateway.state.payments).toEqual([])
  expect(gateway.state.tenants).toEqual([])
}

const evmAuthorization = (payment: PaymentPayload) =>
  payment.payload.authorization as Record<string, string>

test('a tampered EVM signature is refused', async () => {
  const gateway = await startGateway()
  const payment = await signPayment(gateway, evmPayer())
  const other = await signPayment(gateway, evmPayer())
  payment.payload.signature = other.payload.signature
  await expectRefused(gateway, await sendPayment(gateway, payment), 'invalid_exact_evm_signature')
})

test('a raised EVM amount is refused: the signature does not cover it', async () => {
  const gateway = await startGateway()
  const payment = await signPayment(gateway, evmPayer())
  evmAuthorization(payment).value = '5000000'
  payment.accepted.amount = '5000000'
  await expectRefused(gateway, await sendPayment(gateway, payment), 'invalid_exact_evm_signature')
})

test('the gateway holds a payment to its own terms, not to what the client says it accepted', async () => {
  const gateway = await startGateway()
  const payment = await signPayment(gateway, evmPayer())
  payment.accepted.amount = '20000000'
  await expectRefused(
    gateway,
    await sendPayment(gateway, payment),
    'invalid_exact_evm_payload_authorization_value_mismatch',
  )
})

test('a payment to somebody else is refused even when the client says those were the terms', async () => {
  const gateway = await startGateway()
  const payment = await signPayment(gateway, evmPayer(), withOffers({ payTo: STRANGER }))
  await expectRefused(
    gateway,
    await sendPayment(gateway, payment),
    'invalid_exact_evm_recipient_mismatch',
  )
})

test('an amount that was not offered is refused', async () => {
  const gateway = await startGateway()
  const payment = await signPayment(gateway, evmPayer(), withOffers({ amount: '1' }))
  await expectRefused(
    gateway,
    await sendPayment(gateway, payment),
    'No matching payment requirements',
  )
})

test('an EVM authorization that is about to expire is refused', async () => {
  const gateway = await startGateway()
  const payment = await signPayment(gateway, evmPayer(), withOffers({ maxTimeoutSeconds: 1 }))
  await expectRefused(
    gateway,
    await sendPayment(gateway, payment),
    'invalid_exact_evm_payload_authorization_valid_before',
  )
})

test('a payer without the money is refused, and one with exactly enough is not', async () => {
  const gateway = await startGateway({ balances: {} })
  const payer = evmPayer()
  const payment = await signPayment(gateway, payer)
  await expectRefused(
    gateway,
    await sendPayment(gateway, payment),
    'invalid_exact_evm_insufficient_balance',
  )
  await gateway.state.setBalance(BASE, payer.account.address, '$1')
  expect((await sendPayment(gateway, payment)).status).toBe(200)
  expect(await gateway.state.balanceOf(BASE, payer.account.address)).toBe(0n)
  expect(await gateway.state.balanceOf(BASE, payment.accepted.payTo)).toBe(1_000_000n)
})

test('a Solana transaction with a broken signature is refused', async () => {
  const gateway = await startGateway()
  const payment = await signPayment(gateway, await solanaPayer(gateway))
  const bytes = Buffer.from(String(payment.payload.transaction), 'base64')
  // Two signature slots: the fee payer's, still empty, and the wallet's.
  bytes.writeUInt8(bytes.readUInt8(70) ^ 1, 70)
  payment.payload.transaction = bytes.toString('base64')
  await expectRefused(
    gateway,
    await sendPayment(gateway, payment),
    'invalid_exact_svm_payload_signature_invalid',
  )
})

test('a Solana transfer to somebody else is refused', async () => {
  const gateway = await startGateway()
  const payer = await solanaPayer(gateway)
  const payment = await signPayment(gateway, payer, withOffers({ payTo: SOLANA_STRANGER }))
  await expectRefused(
    gateway,
    await sendPayment(gateway, payment),
    'invalid_exact_svm_payload_recipient_mismatch',
  )
})

test('a Solana transfer of less than was accepted is refused', async () => {
  const gateway = await startGateway()
  const payment = await signPayment(gateway, await solanaPayer(gateway))
  payment.accepted.amount = '20000000'
  await expectRefused(
    gateway,
    await sendPayment(gateway, payment),
    'invalid_exact_svm_payload_amount_mismatch',
  )
})

test('a Solana payer without the money is refused', async () => {
  const gateway = await startGateway({ balances: {} })
  const payment = await signPayment(gateway, await solanaPayer(gateway))
  await expectRefused(
    gateway,
    await sendPayment(gateway, payment),
    'invalid_exact_svm_transaction_simulation_failed',
  )
})

test('a Solana transaction over a blockhash that is too old is refused', async () => {
  const gateway = await startGateway()
  const payment = await signPayment(gateway, await solanaPayer(gateway))
  await gateway.state.advance({ blocks: 151 })
  await expectRefused(
    gateway,
    await sendPayment(gateway, payment),
    'invalid_exact_svm_transaction_simulation_failed',
  )
})

test.each([
  ['EVM', () => Promise.resolve(evmPayer()), 'invalid_exact_evm_nonce_already_used'],
  ['Solana', solanaPayer, 'duplicate_settlement'],
] as const)(
  'a settled %s signature that comes again is refused and credits nothing',
  async (_, payerOf, reason) => {
    const gateway = await startGateway()
    const payment = await signPayment(gateway, await payerOf(gateway))
    expect((await sendPayment(gateway, payment)).status).toBe(200)
    const again = await sendPayment(gateway, payment)
    expect(again.status).toBe(402)
    expect(decoded(again, 'PAYMENT-RESPONSE')).toMatchObject({
      success: false,
      errorReason: reason,
    })
    expect(gateway.state.counts()).toMatchObject({ payments: 1, replays: 1, credited: 1_000_000n })
  },
)

test.each([
  ['EVM', () => Promise.resolve(evmPayer())],
  ['Solana', solanaPayer],
] as const)(
  'with idempotent replay a settled %s signature gets its first receipt and a fresh token',
  async (_, payerOf) => {
    const gateway = await startGateway({ replay: 'idempotent' })
    const payment = await signPayment(gateway, await payerOf(gateway))
    const first = decoded(await sendPayment(gateway, payment), 'PAYMENT-RESPONSE')
    const response = await sendPayment(gateway, payment)
    expect(response.status).toBe(200)
    const second = decoded(response, 'PAYMENT-RESPONSE')
    expect({ ...second, jwt: '' }).toEqual({ ...first, jwt: '' })
    expect(second?.jwt).not.toBe(first?.jwt)
    expect(gateway.state.counts()).toMatchObject({ payments: 1, replays: 1, credited: 1_000_000n })
  },
)

test('idempotent replay is for the same signature only, not for the same nonce', async () => {
  const gateway = await startGateway({ replay: 'idempotent' })
  const payment = await signPayment(gateway, evmPayer())
  await sendPayment(gateway, payment)
  payment.payload.signature = `0x${'11'.repeat(64)}1b`
  const response = await sendPayment(gateway, payment)
  expect(response.status).toBe(402)
  expect(decoded(response, 'PAYMENT-RESPONSE')).not.toHaveProperty('jwt')
})

test('the same signature twice at the same time settles once', async () => {
  const gateway = await startGateway()
  const payment = await signPayment(gateway, evmPayer())
  const responses = await Promise.all([1, 2, 3].map(() => sendPayment(gateway, payment)))
  expect(responses.map(({ status }) => status).sort()).toEqual([200, 402, 402])
  expect(gateway.state.counts().payments).toBe(1)
})

test('two payments of one wallet go to one tenant', async () => {
  const gateway = await startGateway()
  const { account, pay } = evmPayer()
  await pay(`${gateway.url}/v1/chat/completions`, chat('one'))
  await pay(`${gateway.url}/v1/chat/completions`, chat('two'))
  expect(gateway.state.tenants).toMatchObject([{ subject: account.address, kind: 'wallet' }])
  expect(gateway.state.ledger.filter(({ type }) => type === 'credit')).toMatchObject([
    { referenceType: 'x402_topup', amount: 1_000_000n },
    { referenceType: 'x402_topup', amount: 1_000_000n },
  ])
})

test.each([3600, -3600])(
  'with a clock %d s off the host, times are judged by the gateway',
  async (seconds) => {
    const gateway = await startGateway({ clockSkew: seconds * 1000 })
    const { account } = evmPayer()
    const now = Math.floor(Date.now() / 1000)
    const there = now + seconds
    const byHost = await signAt(gateway, account, { validAfter: now - 600, validBefore: now + 120 })
    await expectRefused(
      gateway,
      await sendPayment(gateway, byHost),
      `invalid_exact_evm_payload_authorization_valid_${seconds > 0 ? 'before' : 'after'}`,
    )
    const times = { validAfter: there - 600, validBefore: there + 120 }
    const forged = await signAt(gateway, account, times)
    const honest = await signAt(gateway, account, times)
    const payload = forged.payload as Record<string, unknown>
    payload.signature = (honest.payload as Record<string, unknown>).signature
    await expectRefused(gateway, await sendPayment(gateway, forged), 'invalid_exact_evm_signature')
    expect((await sendPayment(gateway, honest)).status).toBe(200)
  },
)

test('a contract wallet pays by saying so itself (EIP-1271)', async () => {
  const gateway = await startGateway()
  const { account } = evmPayer()
  const now = Math.floor(Date.now() / 1000)
  const payment = await signAt(gateway, account, { validAfter: 0, validBefore: now + 120 })
  const payload = payment.payload as { signature: string; authorization: { from: string } }
  gateway.state.deployWallet(BASE, account.address, (_, signature) => signature === '0xc0ffee')
  expect((await sendPayment(gateway, payment)).status).toBe(402)
  payload.signature = '0xc0ffee'
  expect((await sendPayment(gateway, payment)).status).toBe(200)
})

test('a payment on a network the gateway does not accept is malformed', async () => {
  const gateway = await startGateway({ networks: [BASE] })
  const payment = await signPayment(gateway, evmPayer())
  payment.accepted.network = SOLANA
  expect((await sendPayment(gateway, payment)).status).toBe(400)
})

test('nobody pays for a request that cannot be served', async () => {
  const gateway = await startGateway()
  const payment = await signPayment(gateway, evmPayer())
  const response = await sendPayment(gateway, payment, chat('hi', { model: 'nobody/nothing' }))
  expect(response.status).toBe(400)
  expect(gateway.state.counts()).toMatchObject({ payments: 0, settled: 0n })
  expect((await sendPayment(gateway, payment)).status).toBe(200)
})
