import { type ARouterEvent, memoryStore } from '@arouter/sdk'
import { createAgentWallet } from '@arouter/sdk/agent'
import type { OfferPayload, SignedOffer, SignedReceipt } from '@x402/extensions/offer-receipt'
import { describe, expect, test } from 'vitest'
import { countingAccount, failure, startGateway } from '../support/harness'
import { eip712Signing, jwsSigning } from '../support/issuers'
import { BASE, expressSeller, honoSeller, type Signing } from '../support/sellers'

/** A seller that signs, a wallet that pays there, and what it tells. */
async function scene(signing: Signing, start = honoSeller) {
  const gateway = await startGateway()
  const { url } = await start(gateway, BASE, signing)
  const { account, signed } = countingAccount()
  // The seller has the facilitator to itself: it is paid from what a wallet holds.
  await gateway.state.setBalance('eip155:8453', account.address, '$100')
  const events: ARouterEvent[] = []
  const wallet = createAgentWallet({
    evm: { signer: account },
    origins: [url],
    store: memoryStore(),
    rpc: gateway.rpc,
    events: (event) => events.push(event),
  })
  const told = () => events.flatMap((event) => ('reason' in event ? [event] : []))
  return { url, wallet, signed, told, account }
}

type Issue = Signing['issuer']

/** `signing`, with its statements changed after they were signed. */
function tampered<S extends Signing>(
  signing: S,
  change: {
    offer?: (offer: SignedOffer) => unknown
    receipt?: (receipt: SignedReceipt) => unknown
  },
): S {
  const { issuer } = signing
  const issueOffer: Issue['issueOffer'] = async (...given) => {
    const offer = await issuer.issueOffer(...given)
    return (change.offer?.(offer) ?? offer) as SignedOffer // whatever a seller may send
  }
  const issueReceipt: Issue['issueReceipt'] = async (...given) => {
    const receipt = await issuer.issueReceipt(...given)
    return (change.receipt?.(receipt) ?? receipt) as SignedReceipt // the same
  }
  return { ...signing, issuer: { ...issuer, issueOffer, issueReceipt } }
}

/** A JWS with one bit of its signature, or all of its payload, changed. */
function flipped({ signature, ...rest }: { signature: string }) {
  const [head, payload, mac = ''] = signature.split('.')
  const bytes = Buffer.from(mac, 'base64url')
  bytes[8] = (bytes[8] ?? 0) ^ 1
  return { ...rest, signature: [head, payload, bytes.toString('base64url')].join('.') }
}

describe('a seller that signs its offers and receipts', () => {
  test.each([
    ['@x402/hono', honoSeller],
    ['@x402/express', expressSeller],
  ] as const)(
    'by %s has both kept with the payment, by a key of its own host',
    async (_, start) => {
      const { signing, signer } = jwsSigning('EdDSA', 'web')
      const { url, wallet, told } = await scene(signing, start)
      signer.kid = `did:web:${new URL(url).host.replace(':', '%3A')}#key-1`
      expect((await wallet.fetch(`${url}/joke`)).status).toBe(200)
      const word = { signer: signer.kid, vouchedBy: 'origin', statement: { format: 'jws' } }
      expect(await wallet.payments.list()).toMatchObject([
        { state: 'settled', signedOffer: word, signedReceipt: word },
      ])
      expect(told()).toEqual([])
    },
  )

  test.each([
    ['EdDSA', 'key'],
    ['ES256K', 'key'],
    ['ES256', 'key'],
    ['EdDSA', 'jwk'],
    ['ES256', 'jwk'],
    ['ES256K', 'jwk'],
  ] as const)(
    'with %s by did:%s has both kept, vouched for by nobody',
    async (algorithm, method) => {
      const { signing, signer } = jwsSigning(algorithm, method)
      const { url, wallet, told } = await scene(signing)
      await wallet.fetch(`${url}/joke`, { idempotencyKey: 'kept' })
      const word = { signer: signer.kid, vouchedBy: 'nobody' }
      expect(await wallet.payments.list()).toMatchObject([
        { signedOffer: word, signedReceipt: word },
      ])
      expect(told()).toEqual([])
    },
  )

  test.each([
    ['paid', 'payTo'],
    ['not paid', 'nobody'],
  ] as const)('with EIP-712 by a key that is %s has both kept', async (is, vouchedBy) => {
    const { signing, account } = eip712Signing(is)
    const { url, wallet, told } = await scene(signing)
    await wallet.fetch(`${url}/joke`)
    const word = { signer: account.address.toLowerCase(), vouchedBy }
    expect(await wallet.payments.list()).toMatchObject([
      { signedOffer: word, signedReceipt: { ...word, statement: { payload: { version: 1 } } } },
    ])
    expect(told()).toEqual([])
  })

  const claim = (change: Partial<OfferPayload>) => (offer: SignedOffer) =>
    offer.format === 'eip712' ? { ...offer, payload: { ...offer.payload, ...change } } : offer

  test.each([
    ['costs less', claim({ amount: '1' }), 'signed other offers'],
    ['is for another receiver', claim({ payTo: `0x${'11'.repeat(20)}` }), 'signed other offers'],
    ['has expired', claim({ validUntil: 1_000 }), 'expired'],
    [
      'is for another resource',
      claim({ resourceUrl: 'https://other.example/' }),
      'another resource',
    ],
    [
      'has a signature that is none',
      (offer: SignedOffer) => ({ ...offer, signature: `0x${'00'.repeat(65)}` }),
      'is false',
    ],
    ['has no whole number where one is due', claim({ validUntil: 9e9 + 0.5 }), 'is false'],
  ])('where the one it signed %s, is not paid', async (_, offer, reason) => {
    const { url, wallet, signed } = await scene(tampered(eip712Signing('paid').signing, { offer }))
    const error = await failure(wallet.fetch(`${url}/joke`))
    expect(error).toMatchObject({ code: 'no_acceptable_offer', fundsMoved: 'no' })
    expect(error).toHaveProperty('message', expect.stringContaining(reason))
    expect(await wallet.quote(`${url}/joke`)).toMatchObject({ intent: undefined, offers: [] })
    expect(signed.transfers).toBe(0)
  })

  test.each(['EdDSA', 'ES256', 'ES256K'] as const)(
    'is not paid by a false JWS of %s',
    async (algorithm) => {
      const { signing } = jwsSigning(algorithm, 'key')
      const { url, wallet } = await scene(tampered(signing, { offer: flipped }))
      const error = await failure(wallet.fetch(`${url}/joke`))
      expect(error).toHaveProperty('message', expect.stringContaining('is false'))
    },
  )

  test.each([
    ['whose key is of another host', 'did:web:other.example#key-1'],
    ['by a method nobody knows', 'did:example:123'],
    ['that names no key', undefined],
  ])('%s is paid, and nothing of that is kept', async (_, kid) => {
    const { signing, signer } = jwsSigning('EdDSA', 'web')
    Object.assign(signer, { kid })
    const { url, wallet, told } = await scene(signing)
    expect((await wallet.fetch(`${url}/joke`)).status).toBe(200)
    const [payment] = await wallet.payments.list()
    expect(payment).not.toHaveProperty('signedOffer')
    expect(payment).not.toHaveProperty('signedReceipt')
    expect(told()).toMatchObject([{ type: 'receipt-unverified', reason: 'its key cannot be had' }])
  })

  test.each([
    ['an algorithm that is not its key’s', 'ES256'],
    ['none', 'none'],
  ])('in a JWS of %s is paid, and nothing of that is kept', async (_, algorithm) => {
    const { signing, signer } = jwsSigning('EdDSA', 'key')
    signer.algorithm = algorithm
    const { url, wallet, told } = await scene(signing)
    expect((await wallet.fetch(`${url}/joke`)).status).toBe(200)
    expect(told()).toMatchObject([{ reason: 'its key cannot be had' }])
  })

  test('and sends statements that nobody can read is paid by its plain offer', async () => {
    const { signing } = eip712Signing('paid')
    const offer = () => ({ format: 'other', signature: '' })
    const { url, wallet } = await scene(tampered(signing, { offer }))
    expect((await wallet.fetch(`${url}/joke`)).status).toBe(200)
  })

  const saying = (change: object) => (receipt: SignedReceipt) =>
    receipt.format === 'eip712'
      ? { ...receipt, payload: { ...receipt.payload, ...change } }
      : receipt

  test.each([
    ['no receipt', () => ({ format: 'eip712' }), 'it cannot be read'],
    ['of another version', saying({ version: 2 }), 'it cannot be read'],
    ['of another network', saying({ network: 'eip155:1' }), 'it is for another network'],
    ['of another payer', saying({ payer: `0x${'11'.repeat(20)}` }), 'it is for another payer'],
    ['of another host', saying({ resourceUrl: 'https://a.example' }), 'it is for another resource'],
    ['of no place', saying({ resourceUrl: 'nowhere' }), 'it is for another resource'],
    ['of last year', saying({ issuedAt: 1_700_000_000 }), 'it is of another time'],
    ['of next year', saying({ issuedAt: 4_000_000_000 }), 'it is of another time'],
    ['of another transaction', saying({ transaction: '0xother' }), 'it is for another transaction'],
    ['that was changed', saying({ resourceUrl: 'ORIGIN/other' }), 'nobody vouches for its key'],
  ] as const)('with a receipt %s has it told, and not kept', async (_, receipt, reason) => {
    const { signing } = eip712Signing('paid')
    let origin = ''
    const given = (each: SignedReceipt) =>
      JSON.parse(JSON.stringify(receipt(each)).replace('ORIGIN', origin))
    const { url, wallet, told } = await scene(tampered(signing, { receipt: given }))
    origin = url
    expect((await wallet.fetch(`${url}/joke`)).status).toBe(200)
    const [payment] = await wallet.payments.list()
    expect(payment).toHaveProperty('signedOffer')
    expect(payment).not.toHaveProperty('signedReceipt')
    expect(told()).toMatchObject([{ type: 'receipt-unverified', reason }])
  })

  test('with a false JWS for a receipt has it told, and not kept', async () => {
    const { signing } = jwsSigning('ES256', 'jwk')
    const { url, wallet, told } = await scene(tampered(signing, { receipt: flipped }))
    await wallet.fetch(`${url}/joke`)
    expect(told()).toMatchObject([{ reason: 'its signature is false' }])
  })
})
