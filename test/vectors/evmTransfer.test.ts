import { checksumAddress, evmSigner, type TransferTypedData } from '@arouter/x402-evm'
import type { Network } from '@x402/core/types'
import { ExactEvmScheme } from '@x402/evm'
import fc from 'fast-check'
import {
  createWalletClient,
  custom,
  getAddress,
  type Hex,
  hashTypedData,
  keccak256,
  recoverMessageAddress,
  toFunctionSelector,
  toHex,
} from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { base } from 'viem/chains'
import { describe, expect, test } from 'vitest'
import { keccak256 as ourKeccak256 } from '../../packages/x402-evm/src/keccak256'
import { officialFacilitator } from './officialFacilitator'

const offers = [
  {
    network: 'eip155:8453',
    asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bDA02913'.toLowerCase(),
    extra: { name: 'USD Coin', version: '2' },
  },
  {
    network: 'eip155:84532',
    asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
    extra: { name: 'USDC', version: '2' },
  },
] as const

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const payment = fc.record({
  offer: fc.constantFrom(...offers),
  payTo: bytes(20).map((address) => toHex(address)),
  amount: fc.bigInt({ min: 1n, max: 2n ** 256n - 1n }),
  key: bytes(32).map((seed) => keccak256(seed)),
  validity: fc.integer({ min: 10, max: 600 }),
})
type Payment = typeof payment extends fc.Arbitrary<infer T> ? T : never

const seconds = () => Math.floor(Date.now() / 1000)

function requirementsOf({ offer, payTo, amount, validity }: Payment) {
  return {
    scheme: 'exact',
    network: offer.network satisfies Network,
    asset: offer.asset,
    amount: amount.toString(),
    payTo,
    maxTimeoutSeconds: validity,
    extra: { ...offer.extra },
  }
}

async function pay(signer: Parameters<typeof evmSigner>[0], input: Payment, now = seconds()) {
  const { offer, payTo, amount, validity } = input
  const context = { now, validity, rpc: [], fetch }
  return (await evmSigner(signer).prepare({ ...offer, payTo, amount }, context)).sign()
}

function spyOn(key: Hex) {
  const account = privateKeyToAccount(key)
  const asked: TransferTypedData[] = []
  const signTypedData = (typedData: TransferTypedData) => {
    asked.push(typedData)
    return account.signTypedData(typedData)
  }
  return { asked, signer: { ...account, signTypedData } }
}

describe('an EVM payment', () => {
  test('asks the signer for what the official client asks for, but for nonce and time', async () => {
    await fc.assert(
      fc.asyncProperty(payment, async (input) => {
        const { asked, signer } = spyOn(input.key)
        await pay(signer, input, 1_800_000_000)
        const official: unknown[] = []
        const scheme = new ExactEvmScheme({
          address: signer.address,
          signTypedData: async (typedData) => {
            official.push(typedData)
            return '0x'
          },
        })
        await scheme.createPaymentPayload(2, requirementsOf(input))
        const [ours] = asked
        const { nonce, validBefore } = ours?.message ?? {}
        expect(official[0]).toEqual({
          ...ours,
          domain: { ...ours?.domain, verifyingContract: getAddress(input.offer.asset) },
          message: { ...ours?.message, nonce: expect.any(String), validBefore: expect.any(BigInt) },
        })
        expect(nonce).toMatch(/^0x[0-9a-f]{64}$/)
        expect(validBefore).toBe(1_800_000_000n + BigInt(input.validity))
      }),
      { numRuns: 50 },
    )
  })

  test('hashes to the same digest as the official payload with that nonce and time', async () => {
    await fc.assert(
      fc.asyncProperty(payment, async (input) => {
        const { asked, signer } = spyOn(input.key)
        const { payload } = await pay(signer, input)
        const { authorization } = JSON.parse(JSON.stringify(payload))
        const [typedData] = asked
        if (typedData === undefined) throw new Error('the signer was not asked')
        const rebuilt = hashTypedData({
          domain: {
            ...input.offer.extra,
            chainId: Number(input.offer.network.slice(7)),
            verifyingContract: getAddress(input.offer.asset),
          },
          types: typedData.types,
          primaryType: 'TransferWithAuthorization',
          message: {
            ...authorization,
            value: BigInt(authorization.value),
            validAfter: BigInt(authorization.validAfter),
            validBefore: BigInt(authorization.validBefore),
          },
        })
        expect(hashTypedData(typedData)).toBe(rebuilt)
      }),
      { numRuns: 50 },
    )
  })

  test('is accepted by the official facilitator, from an account and from a WalletClient', async () => {
    const { verify } = await officialFacilitator()
    await fc.assert(
      fc.asyncProperty(payment, async (input) => {
        const account = privateKeyToAccount(input.key)
        const transport = custom({ request: async () => null })
        const client = createWalletClient({ account, chain: base, transport })
        for (const signer of [account, client]) {
          const { payload } = await pay(signer, input)
          expect(await verify(payload, requirementsOf(input))).toMatchObject({
            isValid: true,
            payer: account.address,
          })
        }
      }),
      { numRuns: 20 },
    )
  })

  test('is refused by the official facilitator once anything in it is changed', async () => {
    const { verify } = await officialFacilitator()
    const [input] = fc.sample(payment, 1)
    if (input === undefined) throw new Error('no sample')
    const { payload } = await pay(privateKeyToAccount(input.key), input)
    const { signature, authorization } = JSON.parse(JSON.stringify(payload))
    const other = privateKeyToAccount(generatePrivateKey()).address
    const changed = [
      { to: other },
      { from: other },
      { value: `${BigInt(authorization.value) - 1n}` },
      { validBefore: `${BigInt(authorization.validBefore) + 1n}` },
      { nonce: `0x${'ab'.repeat(32)}` },
    ]
    for (const change of changed) {
      const tampered = { signature, authorization: { ...authorization, ...change } }
      const requirements = { ...requirementsOf(input), amount: tampered.authorization.value }
      expect(await verify(tampered, requirements)).toMatchObject({ isValid: false })
    }
  })
})

test('EVM messages are signed as personal_sign has it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), bytes(32), async (message, seed) => {
      const account = privateKeyToAccount(keccak256(seed))
      const signature = await evmSigner(account).signMessage(message)
      if (!signature.startsWith('0x')) throw new Error('no hex')
      const hex: Hex = `0x${signature.slice(2)}`
      expect(await recoverMessageAddress({ message, signature: hex })).toBe(account.address)
    }),
    { numRuns: 30 },
  )
})

test('addresses are written as viem writes them', () => {
  fc.assert(
    fc.property(bytes(20), (address) => {
      expect(checksumAddress(toHex(address))).toBe(getAddress(toHex(address)))
    }),
    { numRuns: 500 },
  )
})

test('Keccak-256 agrees with viem on every length it takes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 135 }), (input) => {
      expect(toHex(ourKeccak256(input))).toBe(keccak256(input))
    }),
    { numRuns: 200 },
  )
})

test('the selector that asks what became of a payment is that of EIP-3009', () => {
  expect(toFunctionSelector('authorizationState(address,bytes32)')).toBe('0xe94a0102')
})
