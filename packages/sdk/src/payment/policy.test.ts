import { evmSigner } from '@arouter/x402-evm'
import { solanaSigner } from '@arouter/x402-solana'
import nacl from 'tweetnacl'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { isARouterError } from '../errors'
import { type PolicyOptions, readPolicy } from './policy'
import { sameAddress } from './sameAddress'

const evm = evmSigner(privateKeyToAccount(generatePrivateKey()))
const solana = solanaSigner(nacl.sign.keyPair())
const BASE = 'eip155:8453'
const BASE_SEPOLIA = 'eip155:84532'
const SOLANA = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'
const SOLANA_DEVNET = 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1'

const policy = (options: PolicyOptions = {}, wallets = [evm, solana]) =>
  readPolicy(options, wallets, false)

function thrown(options: unknown, wallets = [evm, solana]): unknown {
  try {
    // @ts-expect-error what JavaScript callers may pass
    return readPolicy(options, wallets, false)
  } catch (error) {
    return error
  }
}

describe('a policy', () => {
  test('has the documented defaults', () => {
    expect(policy()).toEqual({
      networks: new Set([BASE, SOLANA]),
      maxPerPayment: 5_000_000n,
      prices: new Map(),
      limit: 20_000_000n,
      window: 86_400_000,
      payTo: undefined,
      feePayer: undefined,
      topUp: undefined,
      approve: undefined,
      rpc: {
        [BASE]: ['https://mainnet.base.org'],
        [SOLANA]: ['https://api.mainnet-beta.solana.com'],
      },
      onUnconfirmed: 'hold',
    })
  })

  test('takes each option', () => {
    const approve = () => true
    const payTo = ['0xFB6916095ca1df60bB79Ce92cE3Ea74c37c5d359']
    const feePayer = ['EwWqGE4ZFKLofuestmU4LDdK7XM1N4ALgdZccwYugwGd']
    const options: PolicyOptions = {
      networks: [BASE],
      maxPerPayment: '$0.50',
      prices: { '/v1/chat/completions': '$0.10', 'https://gateway.example/*': 5n },
      budget: { limit: 7n, window: '30m' },
      payTo,
      feePayer,
      topUp: '$0.25',
      approve,
      rpc: { [BASE]: 'https://rpc.example' },
      onUnconfirmed: 'retry-after-expiry',
    }
    expect(policy(options)).toEqual({
      networks: new Set([BASE]),
      maxPerPayment: 500_000n,
      prices: new Map([
        ['/v1/chat/completions', 100_000n],
        ['https://gateway.example/*', 5n],
      ]),
      limit: 7n,
      window: 1_800_000,
      payTo,
      feePayer,
      topUp: 250_000n,
      approve,
      rpc: { [BASE]: ['https://rpc.example'] },
      onUnconfirmed: 'retry-after-expiry',
    })
  })

  test('with half a budget fills in the other half', () => {
    expect(policy({ budget: { limit: '$1' } })).toMatchObject({
      limit: 1_000_000n,
      window: 86_400_000,
    })
    expect(policy({ budget: { window: '1h' } })).toMatchObject({
      limit: 20_000_000n,
      window: 3_600_000,
    })
  })

  test('of one wallet has its networks only, and no testnet unless it is named', () => {
    expect(policy({}, [evm]).networks).toEqual(new Set([BASE]))
    expect(policy({}, [solana]).networks).toEqual(new Set([SOLANA]))
    const testnets = [BASE_SEPOLIA, SOLANA_DEVNET]
    expect(policy({ networks: testnets }).networks).toEqual(new Set(testnets))
  })

  test.each([[[BASE, BASE_SEPOLIA]], [[SOLANA, BASE_SEPOLIA]], [[BASE, SOLANA_DEVNET]]])(
    'does not mix mainnets and testnets: %s',
    (networks) => {
      const error = thrown({ networks })
      expect(isARouterError(error, 'invalid_option')).toBe(true)
      expect(String(error)).toContain('mixes mainnets and testnets')
    },
  )

  test.each(['eip155:1', 'eip155:*', 'base', '', 'constructor', '__proto__', 5, null])(
    'does not know the network %s',
    (network) => {
      expect(isARouterError(thrown({ networks: [network] }), 'invalid_option')).toBe(true)
    },
  )

  test('refuses a network that none of its wallets can pay on', () => {
    expect(isARouterError(thrown({ networks: [SOLANA] }, [evm]), 'invalid_option')).toBe(true)
  })

  test.each([
    { maxPerPayment: 5 },
    { maxPerPayment: '5' },
    { topUp: -1n },
    { budget: { limit: '20 USD' } },
    { budget: { limit: 20 } },
    { budget: { window: '24' } },
    { budget: { window: 24 } },
    { rpc: { [BASE]: 'mainnet.base.org' } },
    { rpc: { [BASE]: ['https://rpc.example', 'x'] } },
  ])('refuses an option it cannot read: %#', (options) => {
    const error = thrown(options)
    expect(isARouterError(error, 'invalid_option')).toBe(true)
    expect(error).toMatchObject({ fundsMoved: 'no' })
  })

  test.each([
    [{ maxPerPayment: 5 }, 'maxPerPayment must be'],
    [{ topUp: '5' }, 'topUp must be'],
    [{ topUp: '$6' }, 'topUp is more than maxPerPayment.'],
    [{ topUpBelow: '5' }, 'topUpBelow must be'],
    [{ budget: '$20' }, 'budget must be {'],
    [{ budget: { limit: '20' } }, 'budget.limit must be'],
    [{ budget: { perOrigin: 5 } }, 'budget.perOrigin must be'],
    [{ budget: { window: '24' } }, 'budget.window must be'],
    [{ approve: true }, 'approve must be a function.'],
    [{ onUnconfirmed: 'retry' }, "onUnconfirmed must be 'hold' or 'retry-after-expiry'."],
    [{ rpc: { base: 'https://rpc.example' } }, 'rpc: base is no CAIP-2 network.'],
    [{ rpc: { [BASE]: 'xhttp://rpc.example' } }, 'rpc for eip155:8453 must be an http(s) URL'],
    [{ networks: [] }, 'networks is empty'],
    [{ feePayer: [] }, 'feePayer must be a list of addresses'],
    [{ feePayer: 'x' }, 'feePayer must be a list of addresses'],
    [{ prices: { 'v1/chat': '$1' } }, 'prices must be {'],
    [{ prices: { '/v1/*/chat': '$1' } }, 'prices must be {'],
    [{ prices: { '/v1?a=1': '$1' } }, 'prices must be {'],
    [{ prices: { '*': '$1' } }, 'prices must be {'],
    [{ prices: { '': '$1' } }, 'prices must be {'],
    [{ prices: { '/v1/../v2': '$1' } }, 'prices must be {'],
    [{ prices: { '//gateway.example/v1': '$1' } }, 'prices must be {'],
    [{ prices: { 'https://Gateway.example/v1': '$1' } }, 'prices must be {'],
    [{ prices: { 'https://gateway.example:443/v1': '$1' } }, 'prices must be {'],
    [{ prices: { 'https://gateway.example': '$1' } }, 'prices must be {'],
    [{ prices: { 'https://gateway.example/v1?a=1': '$1' } }, 'prices must be {'],
    [{ prices: ['$1'] }, 'prices must be {'],
    [{ prices: { '/v1/chat': '1' } }, 'prices for /v1/chat must be'],
    [{ payTo: [] }, 'payTo must be a list of addresses'],
    [{ payTo: ['x'] }, 'payTo must be a list of addresses'],
    [{ payTo: [`0x${'a'.repeat(40)}`, 'x'] }, 'payTo must be a list of addresses'],
    [{ payTo: [`to 0x${'a'.repeat(40)}`] }, 'payTo must be a list of addresses'],
    [{ payTo: [`0x${'a'.repeat(40)} 1`] }, 'payTo must be a list of addresses'],
  ])('says what is wrong with %o', (options, told) => {
    expect(thrown(options)).toMatchObject({ code: 'invalid_option' })
    expect(String(thrown(options))).toContain(told)
  })

  test('that cannot be read says which option, and what is wrong with it', () => {
    const refused = [
      { networks: ['eip155:1'] },
      { networks: [BASE, BASE_SEPOLIA] },
      { maxPerPayment: 5 },
      { budget: { window: '24' } },
      { rpc: { [BASE]: 'x' } },
    ].map((options) => String(thrown(options)))
    expect(refused).toMatchInlineSnapshot(`
      [
        "ARouterError: networks: eip155:1 is not among what the wallet can pay on (eip155:8453, eip155:84532, solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp, solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1).",
        "ARouterError: networks mixes mainnets and testnets: name the one kind you mean.",
        "ARouterError: maxPerPayment must be a dollar string such as '$5' or '$0.01', or a bigint of atomic units.",
        "ARouterError: budget.window must be a duration such as '30m' or '24h'.",
        "ARouterError: rpc for eip155:8453 must be an http(s) URL, or a list of them.",
      ]
    `)
  })
})

describe('the chain is asked', () => {
  const rpcOf = (options: PolicyOptions, loopback: boolean) =>
    readPolicy(options, [evm, solana], loopback).rpc

  test('through the public RPC of the network, unless the gateway is on this machine', () => {
    expect(rpcOf({}, false)[BASE]).toEqual(['https://mainnet.base.org'])
    expect(rpcOf({}, true)).toEqual({ [BASE]: [], [SOLANA]: [] })
  })

  test('through what is named, for a gateway on this machine too', () => {
    const rpc = { [BASE]: ['http://127.0.0.1:8545', 'https://rpc.example'] }
    expect(rpcOf({ rpc }, true)).toEqual({ ...rpc, [SOLANA]: [] })
    expect(rpcOf({ rpc }, false)[SOLANA]).toEqual(['https://api.mainnet-beta.solana.com'])
  })

  test('not at all where the list of a network is empty', () => {
    expect(rpcOf({ rpc: { [BASE]: [] } }, false)[BASE]).toEqual([])
  })

  test('of testnets where those are named', () => {
    expect(rpcOf({ networks: [BASE_SEPOLIA] }, false)).toEqual({
      [BASE_SEPOLIA]: ['https://sepolia.base.org'],
    })
  })
})

test('two spellings of one address are the same in hex, and two addresses in base58', () => {
  expect(sameAddress(evm.address.toLowerCase())).toBe(sameAddress(evm.address))
  expect(sameAddress(solana.address)).toBe(solana.address)
})

describe('a malformed policy', () => {
  // "Every malformed … option gets a typed error with a stable code before anything is signed."
  test.each([
    { payTo: '0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359' },
    { payTo: [5] },
    { payTo: ['alice'] },
    { payTo: ['0xfb6916095ca1df60bb79ce92ce3ea74c37c5d35'] },
    { payTo: [] },
    { networks: [] },
    { approve: 'yes' },
    { onUnconfirmed: 'retry' },
    { rpc: { [BASE]: 'ftp://rpc.example' } },
    { rpc: { base: 'https://rpc.example' } },
    { rpc: { [BASE]: 5 } },
    { budget: '$20' },
    { topUp: '$6' }, // above maxPerPayment: no offer could ever satisfy it
  ])('refuses an option it cannot mean: %#', (options) => {
    expect(isARouterError(thrown(options), 'invalid_option')).toBe(true)
  })
})
