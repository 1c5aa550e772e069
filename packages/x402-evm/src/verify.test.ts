import { generateKeyPairSync, sign as signBytes } from 'node:crypto'
import fc from 'fast-check'
import { hashMessage, hashTypedData } from 'viem'
import { generatePrivateKey, privateKeyToAccount, sign as signHash } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { checksumAddress } from './checksumAddress'
import { eip1193Signer } from './eip1193Signer'
import { evmSigner } from './evmSigner'
import { assetOf } from './refuseTerms'
import { type TransferTypedData, transferTypedData } from './transferAuthorization'
import {
  isSignedBy,
  messageDigest,
  recover,
  statementDigest,
  transferDigest,
  verify,
} from './verify'
import type { Hex, PrepareContext, Terms } from './wallet'

const terms: Terms = {
  network: 'eip155:8453',
  asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
  amount: 1_000_000n,
  payTo: '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
  extra: {},
}
const context: PrepareContext = { now: 1_800_000_000, validity: 60, rpc: [], fetch }
const THIEF = checksumAddress(`0x${'3'.repeat(40)}`)

const hexOf = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`
const address = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes) => checksumAddress(hexOf(bytes)))
const transfer = fc
  .record({
    network: fc.constantFrom('eip155:8453', 'eip155:84532'),
    from: address,
    to: address,
    value: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
    validAfter: fc.constant(0n),
    validBefore: fc.bigInt({ min: 0n, max: 2n ** 64n }),
    nonce: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hexOf),
  })
  .map(({ network, ...message }) => {
    const asset = assetOf(network)
    if (asset === undefined) throw new Error('the table has no such network')
    return transferTypedData(network, asset, message)
  })

test('the digest of a transfer is the one viem signs', () => {
  fc.assert(
    fc.property(transfer, (typedData) => {
      expect(hexOf(transferDigest(typedData))).toBe(hashTypedData(typedData))
    }),
  )
})

test('the digest of a message is the one viem signs', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (message) => {
      expect(hexOf(messageDigest(message))).toBe(hashMessage(message))
    }),
  )
})

describe('a statement', () => {
  const domain = { name: 'x402 receipt', version: '1', chainId: 1n }
  const type = { domain, primaryType: 'Receipt', fields: ['uint256 version', 'string payer'] }

  test('has the digest that viem signs', () => {
    const types = {
      Receipt: [
        { name: 'version', type: 'uint256' },
        { name: 'payer', type: 'string' },
      ],
    }
    const claims = fc.record({ version: fc.maxSafeNat(), payer: fc.string({ unit: 'binary' }) })
    fc.assert(
      fc.property(claims, ({ version, payer }) => {
        const message = { version: BigInt(version), payer }
        const official = hashTypedData({ domain, types, primaryType: 'Receipt', message })
        const digest = statementDigest({ ...type, claims: { version, payer } })
        expect(digest && hexOf(digest)).toBe(official)
      }),
    )
  })

  test('has none where it is not of its type', () => {
    for (const claims of [{ version: 0.5 }, { version: -1 }, { version: '1' }, { payer: 1 }]) {
      expect(statementDigest({ ...type, claims })).toBeUndefined()
    }
    const named = statementDigest({ ...type, claims: { version: 0, payer: '' } })
    expect(statementDigest({ ...type, claims: {} })).toEqual(named)
  })

  test('is signed by its key and by no other', () => {
    const [own, other] = [1, 2].map(() => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }))
    if (!own || !other) throw new Error('there are two')
    const pointOf = ({ publicKey }: typeof own) => {
      const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
      return Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
    }
    const message = Buffer.from('a statement')
    const key = { key: own.privateKey, dsaEncoding: 'ieee-p1363' } as const
    const signature = signBytes('sha256', message, key)
    expect(isSignedBy(pointOf(own), message, signature)).toBe(true)
    expect(isSignedBy(pointOf(other), message, signature)).toBe(false)
    expect(isSignedBy(pointOf(own), Buffer.from('another'), signature)).toBe(false)
  })
})

/** A wallet that may change what it is asked to sign, or sign it with another key. */
function walletOf(tamper: (typedData: TransferTypedData) => TransferTypedData = (same) => same) {
  const account = privateKeyToAccount(generatePrivateKey())
  const signer = {
    address: account.address,
    signTypedData: (typedData: TransferTypedData) => account.signTypedData(tamper(typedData)),
    signMessage: ({ message }: { readonly message: string }) => account.signMessage({ message }),
  }
  return { account, signer }
}

const withMessage = (changes: object) => (typedData: TransferTypedData) => ({
  ...typedData,
  message: { ...typedData.message, ...changes },
})

describe('with verify', () => {
  test('an honest signature is sent, of a payment and of a sign-in', async () => {
    const { signer } = walletOf()
    const wallet = evmSigner(signer, { verify })
    const { payload } = await (await wallet.prepare(terms, context)).sign()
    expect(payload.signature).toMatch(/^0x[0-9a-f]{130}$/)
    await expect(wallet.signMessage('hello, Grüße')).resolves.toMatch(/^0x[0-9a-f]{130}$/)
  })

  test.each<readonly [string, (typedData: TransferTypedData) => TransferTypedData]>([
    ['pays somebody else', withMessage({ to: THIEF })],
    ['pays more', withMessage({ value: 5_000_000n })],
    ['is valid for longer', withMessage({ validBefore: 2n ** 48n })],
    ['is valid from later on', withMessage({ validAfter: 1n })],
    ['has another nonce', withMessage({ nonce: `0x${'1'.repeat(64)}` })],
    ['is from somebody else', withMessage({ from: THIEF })],
    [
      'is of another chain',
      (typedData) => ({ ...typedData, domain: { ...typedData.domain, chainId: 1 } }),
    ],
    [
      'is of another token',
      (typedData) => ({ ...typedData, domain: { ...typedData.domain, verifyingContract: THIEF } }),
    ],
    [
      'was changed in place',
      (typedData) => {
        Object.assign(typedData.message, { to: THIEF, value: 5_000_000n })
        return typedData
      },
    ],
  ])('a signature over a transfer that %s is not sent', async (_, tamper) => {
    const prepared = await evmSigner(walletOf(tamper).signer, { verify }).prepare(terms, context)
    await expect(prepared.sign()).rejects.toMatchObject({
      code: 'bad_signature',
      message: expect.not.stringMatching(/[0-9a-f]{40}/),
    })
  })

  test('a signature by another key is not sent, of a payment or of a sign-in', async () => {
    const { signer } = walletOf()
    const wallet = evmSigner({ ...signer, address: walletOf().account.address }, { verify })
    await expect((await wallet.prepare(terms, context)).sign()).rejects.toMatchObject({
      code: 'bad_signature',
    })
    await expect(wallet.signMessage('hello')).rejects.toMatchObject({ code: 'bad_signature' })
  })

  test('a signature over another message is not sent', async () => {
    const { signer } = walletOf()
    const phishing = {
      ...signer,
      signMessage: () => signer.signMessage({ message: 'evil.example wants you to sign in' }),
    }
    const wallet = evmSigner(phishing, { verify })
    await expect(wallet.signMessage('hello')).rejects.toMatchObject({ code: 'bad_signature' })
  })

  test('v 0 and 1 are read as 27 and 28', async () => {
    const key = generatePrivateKey()
    const account = privateKeyToAccount(key)
    for (let i = 0; i < 8; i++) {
      const message = `message ${i}`
      const { r, s, yParity } = await signHash({ hash: hashMessage(message), privateKey: key })
      const wallet = evmSigner(
        {
          address: account.address,
          signTypedData: async () => '0x',
          signMessage: async () => `${r}${s.slice(2)}0${yParity}`,
        },
        { verify },
      )
      await expect(wallet.signMessage(message)).resolves.toBe(
        `${r}${s.slice(2)}${(27 + Number(yParity)).toString(16)}`,
      )
    }
  })

  test('the signature of a contract account passes whole', async () => {
    const wrapped = `0x${'ab'.repeat(300)}${'6492'.repeat(16)}`
    const { signer } = walletOf()
    const wallet = evmSigner({ ...signer, signTypedData: async () => wrapped }, { verify })
    const { payload } = await (await wallet.prepare(terms, context)).sign()
    expect(payload.signature).toBe(wrapped)
  })

  test('a wallet of the browser that signs something else is noticed too', async () => {
    const honest = privateKeyToAccount(generatePrivateKey())
    const pageOf = (change: object) => ({
      request: async ({ method, params }: { method: string; params?: readonly unknown[] }) => {
        if (method === 'eth_chainId') return '0x2105'
        if (method !== 'eth_signTypedData_v4') return [honest.address]
        const asked = JSON.parse(String(params?.[1]))
        return honest.signTypedData({ ...asked, message: { ...asked.message, ...change } })
      },
    })
    const pay = async (change: object) => {
      const wallet = await eip1193Signer(pageOf(change), { verify })
      return (await wallet.prepare(terms, context)).sign()
    }
    await expect(pay({})).resolves.toHaveProperty('payload')
    await expect(pay({ to: THIEF })).rejects.toMatchObject({ code: 'bad_signature' })
  })

  test('a wallet made before cannot be given it later', () => {
    const wallet = evmSigner(walletOf().signer)
    expect(() => evmSigner(wallet, { verify })).toThrow(
      expect.objectContaining({ code: 'unsupported_signer' }),
    )
  })
})

test('what no key can have signed has no signer', () => {
  const digest = messageDigest('hello')
  // 5 is the x of no point: 5^3 + 7 = 132 is no square there.
  expect(recover(digest, `0x${'5'.padStart(64, '0')}${'1'.padStart(64, '0')}1b`)).toBeUndefined()
  expect(recover(digest, `0x${'0'.repeat(128)}1b`)).toBeUndefined()
})
