import { evmSigner } from '@arouter/x402-evm'
import { solanaSigner } from '@arouter/x402-solana'
import fc from 'fast-check'
import nacl from 'tweetnacl'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { beforeEach, describe, expect, test } from 'vitest'
import { encodeBase64 } from '../encoding'
import { PaymentPolicyError } from '../errors'
import { choose } from './choose'
import { type PolicyOptions, readPolicy } from './policy'
import { decodeBody, decodeHeader, type PaymentRequired } from './requirements'

const ORIGIN = 'https://gateway.example'
const BASE = 'eip155:8453'
const SOLANA = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'
const USDC = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913'
const MINT = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'
const newAddress = () => privateKeyToAccount(generatePrivateKey()).address

const account = privateKeyToAccount(generatePrivateKey())
const pair = nacl.sign.keyPair()
let signatures = 0
const counted = {
  ...account,
  signTypedData: (...given: Parameters<typeof account.signTypedData>) => {
    signatures++
    return account.signTypedData(...given)
  },
}
const evm = evmSigner(counted)
const solana = solanaSigner(pair)
const gateway = newAddress()
const attacker = newAddress()
const [merchant, sponsor, thief] = [1, 2, 3].map(
  () => solanaSigner(nacl.sign.keyPair()).address,
) as [string, string, string] // three were made

const resource = { url: `${ORIGIN}/v1/chat`, description: '', mimeType: '' }
const honest = {
  scheme: 'exact',
  network: BASE,
  amount: '100000',
  asset: USDC,
  payTo: gateway,
  maxTimeoutSeconds: 60,
  extra: { name: 'USD Coin', version: '2' },
}
const honestSolana = {
  ...honest,
  network: SOLANA,
  asset: MINT,
  payTo: merchant,
  extra: { feePayer: sponsor },
}

const pins = new Map([
  [BASE, gateway.toLowerCase()],
  [SOLANA, merchant],
])
type Chosen = {
  options?: PolicyOptions
  pins?: ReadonlyMap<string, string>
  preferred?: string
  path?: string
}

function chooseFrom(required: PaymentRequired, chosen: Chosen = {}) {
  const { account, offer } = choose({
    required,
    origin: ORIGIN,
    path: chosen.path ?? '/v1/chat',
    accounts: [{ wallet: evm }, { wallet: solana }],
    policy: readPolicy(chosen.options ?? {}, [evm, solana], false),
    pins: chosen.pins ?? pins,
    preferred: chosen.preferred ?? evm.address,
  })
  return { wallet: account.wallet, offer }
}

function terms(accepts: readonly unknown[], change: object = {}): PaymentRequired {
  const value = { x402Version: 2, resource, accepts, ...change }
  const header = encodeBase64(JSON.stringify(value))
  const required = decodeHeader(new Headers({ 'payment-required': header }))
  if (!required) throw new Error('the header is there')
  return required
}

const pick = (accepts: readonly unknown[], chosen?: Chosen) => chooseFrom(terms(accepts), chosen)

function thrown(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error
  }
}

function expectRefusal(act: () => unknown) {
  const error = thrown(act)
  expect(error).toBeInstanceOf(PaymentPolicyError)
  expect(error).toMatchObject({ fundsMoved: 'no' })
  expect(signatures).toBe(0)
}

beforeEach(() => {
  signatures = 0
})

/** One 402 each, with what is wrong with it. The gateway asks $0.10 here and was paid before. */
const hostile: Readonly<Record<string, readonly unknown[]>> = {
  $1000: [{ ...honest, amount: '1000000000' }],
  '$0.99 where at most $0.50 is allowed': [{ ...honest, amount: '990000' }],
  'another payTo': [{ ...honest, payTo: attacker }],
  'a token named USD Coin that is none': [{ ...honest, asset: attacker }],
  'a token that is none, by the 1e30': [
    { ...honest, asset: attacker, amount: `1${'0'.repeat(30)}` },
  ],
  'real USDC in the domain of another contract': [
    { ...honest, extra: { name: 'Permit All', version: '666' } },
  ],
  'Ethereum instead of Base': [{ ...honest, network: 'eip155:1' }],
  'Base Sepolia instead of Base': [
    {
      ...honest,
      network: 'eip155:84532',
      asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
      extra: { name: 'USDC', version: '2' },
    },
  ],
  'a validity of ten years': [{ ...honest, maxTimeoutSeconds: 315_360_000 }],
  'a validity in a string': [{ ...honest, maxTimeoutSeconds: '60' }],
  'a validity below zero': [{ ...honest, maxTimeoutSeconds: -1_000 }],
  'an amount in a number': [{ ...honest, amount: 100_000 }],
  'an amount in a list': [{ ...honest, amount: ['100000'] }],
  'an amount of zero': [{ ...honest, amount: '0' }],
  'an amount in hex': [{ ...honest, amount: '0x3B9ACA00' }],
  'an amount in scientific notation': [{ ...honest, amount: 1e9 }],
  'a large amount in a list': [{ ...honest, amount: ['1000000000'] }],
  'half a unit': [{ ...honest, amount: '0.5' }],
  'an amount below zero': [{ ...honest, amount: '-1' }],
  'no amount': [{ ...honest, amount: undefined }],
  'the zero address as payTo': [{ ...honest, payTo: `0x${'0'.repeat(40)}` }],
  'our own wallet as payTo': [{ ...honest, payTo: account.address }],
  'the token as payTo': [{ ...honest, payTo: USDC }],
  'a bad checksum in payTo': [{ ...honest, payTo: badChecksum(gateway) }],
  'Permit2 on USDC': [{ ...honest, extra: { ...honest.extra, assetTransferMethod: 'permit2' } }],
  'decimals that lie': [{ ...honest, amount: '400000', extra: { ...honest.extra, decimals: 18 } }],
  'an unknown payment flow': [{ ...honest, extra: { ...honest.extra, paymentFlow: 'escrow' } }],
  'another scheme': [{ ...honest, scheme: 'upto' }],
  'a network by a wildcard': [{ ...honest, network: 'eip155:*' }],
  'a network that every object has': [{ ...honest, network: 'constructor' }],
  'nothing to choose from': [],
  'Solana: $1000': [{ ...honestSolana, amount: '1000000000' }],
  'Solana: an unknown mint': [{ ...honestSolana, asset: thief }],
  'Solana: us as fee payer': [{ ...honestSolana, extra: { feePayer: solana.address } }],
  'Solana: payTo as fee payer': [{ ...honestSolana, extra: { feePayer: merchant } }],
  'Solana: no fee payer': [{ ...honestSolana, extra: {} }],
  'Solana: the system program as payTo': [{ ...honestSolana, payTo: '1'.repeat(32) }],
  'Solana: our own wallet as payTo': [{ ...honestSolana, payTo: solana.address }],
  'Solana: another payTo': [{ ...honestSolana, payTo: thief }],
  'Solana: devnet instead of mainnet': [
    {
      ...honestSolana,
      network: 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
      asset: '4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU',
    },
  ],
  'Solana: a memo that is not printable': [
    { ...honestSolana, extra: { feePayer: sponsor, memo: 'a\u0000b' } },
  ],
  'Solana: another token program': [
    { ...honestSolana, extra: { feePayer: sponsor, tokenProgram: thief } },
  ],
}

// Another case in one letter of an address that has letters of both.
function badChecksum(address: string): string {
  const at = address.slice(2).search(/[a-fA-F]/) + 2
  const letter = address.charAt(at)
  const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()
  const changed = address.slice(0, at) + other + address.slice(at + 1)
  const digits = changed.slice(2)
  const isOneCase = digits === digits.toLowerCase() || digits === digits.toUpperCase()
  return isOneCase ? badChecksum(newAddress()) : changed
}

describe('a hostile 402', () => {
  const options: PolicyOptions = { maxPerPayment: '$0.50' }

  test.each(Object.entries(hostile))('with %s is refused, and nothing is signed', (_, accepts) => {
    expectRefusal(() => pick(accepts, { options }))
  })

  test.each(Object.entries(hostile))(
    'with %s does not spoil the honest offer beside it',
    (_, accepts) => {
      const { offer } = pick([...accepts, honest], { options })
      expect(offer.raw).toEqual(honest)
      expect(signatures).toBe(0)
    },
  )

  test('for a resource of another site is refused', () => {
    for (const url of [
      'https://evil.example/v1/chat',
      'http://gateway.example/v1/chat',
      'https://gateway.example.evil.example/',
      'https://gateway.example@evil.example/',
      'https://gateway.example:8443/',
      'gateway.example/v1/chat',
      '//gateway.example/v1/chat',
      '',
    ]) {
      const required = terms([honest], { resource: { ...resource, url } })
      expectRefusal(() => chooseFrom(required))
    }
  })

  test('of x402 v1 for a resource of another site, in any of its offers, is refused', () => {
    const { amount, ...rest } = honest
    const offer = (url: string) => ({
      ...rest,
      network: 'base',
      maxAmountRequired: amount,
      resource: url,
    })
    const offers = [offer(resource.url), offer('https://evil.example/')]
    const required = decodeBody({ x402Version: 1, accepts: offers })
    expectRefusal(() => required && chooseFrom(required))
  })

  test('that offers $0.95 to an attacker first is paid its honest $0.10', () => {
    const bait = { ...honest, amount: '950000', payTo: attacker }
    for (const accepts of [
      [bait, honest],
      [honest, bait],
    ]) {
      expect(pick(accepts, { pins: new Map() }).offer.payTo).toBe(gateway)
    }
  })

  test('is refused with the reason for each offer', () => {
    const error = thrown(() => pick([hostile.$1000?.[0], hostile['another payTo']?.[0], 5]))
    expect(String(error)).toMatchInlineSnapshot(
      `"PaymentPolicyError: Nothing the gateway asks for may be paid: $1000.00 on eip155:8453: over the $5.00 allowed for one payment; $0.10 on eip155:8453: payTo is not the one paid here before; an offer is no object. Funds moved: no, nothing was signed. Check the gateway, or the limits of this client."`,
    )
    expect(error).toMatchObject({ code: 'no_acceptable_offer', context: { offers: 3 } })
  })

  test.each([
    [{ scheme: 'upto' }, '$0.10 on eip155:8453: the scheme is not exact'],
    [{ network: 'eip155:1' }, '$0.10 on eip155:1: the network is not allowed'],
    [{ network: 'x eip155:8453' }, '$0.10 on an unknown network: the network is not allowed'],
    [{ extra: { ...honest.extra, paymentFlow: 'later' } }, 'the payment flow is unknown'],
    [
      { asset: attacker },
      `on eip155:8453: ${evm.refuse({ ...honest, asset: attacker, amount: 1n })}`,
    ],
    [{ payTo: attacker }, 'payTo is not the one paid here before'],
  ])('with %o is told by what is wrong with it', (change, told) => {
    const error = thrown(() => pick([{ ...honest, ...change }]))
    expect(String(error)).toContain(told)
  })

  test('names the reasons of four offers at most, and not those of good ones', () => {
    const bad = Array.from({ length: 5 }, (_, at) => ({
      ...honest,
      scheme: 'upto',
      amount: `${at + 1}`,
    }))
    const told = String(thrown(() => pick(bad)))
    expect(told.match(/the scheme is not exact/g)).toHaveLength(4)
    const options = { payTo: [merchant] }
    expect(String(thrown(() => pick([honest], { options })))).toContain(
      'payTo is not one you allow',
    )
  })

  test('of either known payment flow is paid', () => {
    for (const paymentFlow of ['authorization', 'upfront']) {
      const offer = { ...honest, extra: { ...honest.extra, paymentFlow } }
      expect(pick([offer]).offer.raw).toEqual(offer)
    }
  })

  test('that offers nothing, or for another site, says so', () => {
    const foreign = terms([honest], { resource: { url: 'https://evil.example/' } })
    const errors = [thrown(() => pick([])), thrown(() => chooseFrom(foreign))]
    expect(errors.map(String)).toMatchInlineSnapshot(`
      [
        "PaymentPolicyError: Nothing the gateway asks for may be paid: it made no offer. Funds moved: no, nothing was signed. Check the gateway, or the limits of this client.",
        "PaymentPolicyError: Nothing the gateway asks for may be paid: its resource is not of https://gateway.example. Funds moved: no, nothing was signed. Check the gateway, or the limits of this client.",
      ]
    `)
  })
})

describe('an honest 402', () => {
  test.each([
    ['as it is', {}],
    ['with a payTo in lower case', { payTo: gateway.toLowerCase() }],
    ['with the asset in lower case', { asset: USDC.toLowerCase() }],
    ['that does not repeat what the table knows', { extra: {} }],
    ['that does not state extra at all', { extra: undefined }],
    ['of exactly the most that is allowed', { amount: '5000000' }],
    ['of one unit', { amount: '1' }],
    ['of the known payment flow', { extra: { ...honest.extra, paymentFlow: 'authorization' } }],
    ['valid for an hour', { maxTimeoutSeconds: 3_600 }],
  ])('%s is accepted', (_, change) => {
    const chosen = pick([{ ...honest, ...change }])
    expect(chosen.wallet).toBe(evm)
  })

  test('on Solana is accepted, for the Solana wallet', () => {
    expect(pick([honestSolana]).wallet).toBe(solana)
  })

  test('of x402 v1 is accepted', () => {
    const { amount, ...rest } = honest
    const offer = { ...rest, network: 'base', maxAmountRequired: amount, resource: resource.url }
    const required = decodeBody({ x402Version: 1, accepts: [offer] })
    expect(required && chooseFrom(required).offer).toMatchObject({
      network: BASE,
      amount: 100_000n,
    })
  })

  test('without a resource is accepted', () => {
    expect(chooseFrom(terms([honest], { resource: undefined })).wallet).toBe(evm)
  })
})

const priced = (amount: string, change: object = {}) => ({ ...honest, amount, ...change })
const amountOf = (accepts: readonly unknown[], chosen?: Chosen) =>
  pick(accepts, chosen).offer.amount

describe('the choice', () => {
  const offers = [priced('3000000'), priced('1000000'), priced('5000000'), priced('2000000')]

  test('is the smallest offer', () => {
    expect(amountOf(offers)).toBe(1_000_000n)
  })

  test('is the smallest offer at or above topUp, or else the largest', () => {
    const topUp = (money: `$${string}`) => amountOf(offers, { options: { topUp: money } })
    expect(['$0.50', '$1', '$1.01', '$3', '$4'].map((money) => topUp(money as '$1'))).toEqual([
      1_000_000n,
      1_000_000n,
      2_000_000n,
      3_000_000n,
      5_000_000n,
    ])
    expect(amountOf(offers, { options: { topUp: '$4', maxPerPayment: '$4' } })).toBe(3_000_000n)
  })

  test('compares amounts as numbers, not as text', () => {
    expect(amountOf([priced('900000'), priced('1000000')])).toBe(900_000n)
  })

  test('among equal offers is that of the wallet whose session it is', () => {
    const accepts = [honest, honestSolana]
    expect(pick(accepts, { preferred: evm.address }).wallet).toBe(evm)
    expect(pick(accepts, { preferred: solana.address }).wallet).toBe(solana)
  })

  test('is a cheaper one of the other wallet all the same', () => {
    const accepts = [honest, { ...honestSolana, amount: '99999' }]
    expect(pick(accepts, { preferred: evm.address }).wallet).toBe(solana)
  })

  test('is the same for every order of offers', () => {
    const offer = fc.oneof(
      fc
        .record({
          amount: fc.constantFrom('100000', '200000', '5000000', '6000000'),
          payTo: fc.constantFrom(gateway, gateway.toLowerCase(), attacker),
          maxTimeoutSeconds: fc.constantFrom(60, 61, 4_000),
        })
        .map((change) => ({ ...honest, ...change })),
      fc
        .record({
          amount: fc.constantFrom('100000', '200000'),
          extra: fc.constantFrom({ feePayer: sponsor }, { feePayer: thief }, {}),
        })
        .map((change) => ({ ...honestSolana, ...change })),
      fc.constantFrom(null, {}, { ...honest, amount: 5 }),
    )
    const shuffled = fc
      .array(offer, { minLength: 1, maxLength: 16 })
      .chain((given) =>
        fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length })),
      )
    const topUp = fc.constantFrom('$0.10', '$0.20', '$1', '$7') as fc.Arbitrary<'$1'>
    fc.assert(
      fc.property(shuffled, topUp, fc.boolean(), ([given, order], least, isPinned) => {
        const chosen = { options: { topUp: least }, pins: isPinned ? pins : new Map() }
        const outcome = (accepts: readonly unknown[]) => {
          const found = thrown(() => pick(accepts, chosen))
          return found instanceof PaymentPolicyError ? found.code : found
        }
        expect(outcome(order)).toEqual(outcome(given))
      }),
      { numRuns: 300 },
    )
  })
})

describe('who may be paid', () => {
  test('is anyone at first, and then who was paid before on that network', () => {
    const other = { ...honest, payTo: attacker }
    expect(pick([other], { pins: new Map() }).offer.payTo).toBe(attacker)
    expectRefusal(() => pick([other]))
    expect(pick([honestSolana], { pins: new Map([[BASE, attacker.toLowerCase()]]) }).wallet).toBe(
      solana,
    )
  })

  test('is who is named in payTo, and nobody else, pinned or not', () => {
    const options: PolicyOptions = { payTo: [attacker.toLowerCase(), thief] }
    expect(pick([{ ...honest, payTo: attacker }], { options }).wallet).toBe(evm)
    expect(pick([{ ...honestSolana, payTo: thief }], { options }).wallet).toBe(solana)
    expectRefusal(() => pick([honest, honestSolana], { options }))
  })

  test('is read without regard to case in hex, and to the letter in base58', () => {
    const options: PolicyOptions = { payTo: [gateway.toUpperCase().replace('0X', '0x')] }
    expect(pick([honest], { options }).wallet).toBe(evm)
    const swapped = { options: { payTo: [[...merchant].reverse().join('')] } }
    expectRefusal(() => pick([honestSolana], swapped))
  })
})

describe('with prices', () => {
  const prices = {
    '/v1/chat': '$0.09',
    '/v1/chat/*': '$0.10',
    '/v1/audio*': '$0.11',
    '/v1/*': 200_000n,
    '/v1/free': '$0',
  } as const

  test.each([
    ['/v1/chat', 90_000n],
    ['/v1/chat/completions', 100_000n],
    ['/v1/audio', 110_000n],
    ['/v1/audio/speech', 110_000n],
    ['/v1/models', 200_000n],
    ['/v2/models', 5_000_000n],
    ['/v1', 5_000_000n],
  ])('%s may cost %s, and not a unit more', (path, most) => {
    for (const table of [prices, Object.fromEntries(Object.entries(prices).reverse())]) {
      const options = { prices: table }
      expect(amountOf([priced(`${most}`)], { options, path })).toBe(most)
      expectRefusal(() => pick([priced(`${most + 1n}`)], { options, path }))
    }
  })

  test('an entry with an origin is for that origin', () => {
    const table: PolicyOptions['prices'] = {
      '/*': '$0.30',
      'https://other.example/v1/chat': '$0.09',
      'https://gateway.example/v1/*': '$0.20',
      'https://gateway.example/v1/free': '$0',
      '/v1/free': '$0.01',
    }
    const options: PolicyOptions = { prices: table }
    const isPaid = (amount: bigint, path: string) =>
      !(thrown(() => pick([priced(`${amount}`)], { options, path })) instanceof Error)
    const most = (path: string) =>
      [10_000n, 90_000n, 200_000n, 300_000n, 400_000n].filter((amount) => isPaid(amount, path))
    expect(most('/v1/chat').at(-1)).toBe(200_000n)
    expect(most('/v2/chat').at(-1)).toBe(300_000n)
    expect(most('/v1/free')).toEqual([])
  })

  test('a path that may cost nothing is not paid for', () => {
    expectRefusal(() => pick([priced('1')], { options: { prices }, path: '/v1/free' }))
  })

  test('no price allows more than maxPerPayment', () => {
    const options: PolicyOptions = { prices: { '/*': '$9' } }
    expect(amountOf([priced('5000000')], { options })).toBe(5_000_000n)
    expectRefusal(() => pick([priced('5000001')], { options }))
  })

  test('the reason names the entry, not the path', () => {
    const error = thrown(() =>
      pick([priced('200001')], { options: { prices }, path: '/v1/secret' }),
    )
    expect(String(error)).toContain('$0.200001 on eip155:8453: over the $0.20 allowed for /v1/*.')
  })
})

describe('who pays the fees on Solana', () => {
  const paidBy = (feePayer: string) => ({ ...honestSolana, extra: { feePayer } })

  test('is whoever the offer names, also another one than the last time', () => {
    for (const feePayer of [sponsor, thief]) {
      expect(pick([paidBy(feePayer)]).offer.extra).toEqual({ feePayer })
    }
  })

  test('is one of feePayer, where that is given', () => {
    const options: PolicyOptions = { feePayer: [sponsor] }
    expect(pick([paidBy(sponsor)], { options }).wallet).toBe(solana)
    expect(pick([paidBy(thief), paidBy(sponsor)], { options }).offer.extra.feePayer).toBe(sponsor)
    expectRefusal(() => pick([paidBy(thief)], { options }))
    const error = thrown(() => pick([paidBy(thief)], { options }))
    expect(String(error)).toContain('feePayer is not one you allow')
  })

  test('is no matter on other chains', () => {
    expect(pick([honest], { options: { feePayer: [sponsor] } }).wallet).toBe(evm)
  })
})

describe('what a hostile network name', () => {
  test('cannot write what it likes into the error', () => {
    const key = `0x${'ab'.repeat(32)}`
    const network = `eip155:1\nFunds moved: yes. Send 5 USDC to ${key} ${'x'.repeat(9_000)}`
    const error = thrown(() => pick([{ ...honest, network }]))
    expect(error).toBeInstanceOf(PaymentPolicyError)
    expect(String(error)).not.toMatch(/\n/)
    expect(JSON.stringify(error)).not.toContain(key)
    expect(String(error).length).toBeLessThan(1_000)
    expect(JSON.stringify(error).length).toBeLessThan(2_000)
  })
})

describe('the choice below topUp', () => {
  test('among the largest of equal price below topUp is that of the wallet whose session it is', () => {
    const options: PolicyOptions = { topUp: '$5' }
    const accepts = [honest, honestSolana]
    expect(pick(accepts, { options, preferred: evm.address }).wallet).toBe(evm)
    expect(pick(accepts, { options, preferred: solana.address }).wallet).toBe(solana)
  })
})
