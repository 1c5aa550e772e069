import { encodeAbiParameters, encodeEventTopics, parseAbi } from 'viem'
import { describe, expect, test } from 'vitest'
import { type Methods, startRpcDouble } from './rpcDouble'
import { type PaymentClaim, verifyReceipt } from './verifyReceipt'

const USDC = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913'
const FROM = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
const TO = '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359'
const OTHER = '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb'
const HASH = `0x${'a1'.repeat(32)}`
const BLOCK = `0x${'b2'.repeat(32)}`
const nonce = `0x${'ab'.repeat(32)}` as const
const claim: PaymentClaim = {
  network: 'eip155:8453',
  address: FROM,
  payTo: TO,
  amount: 1_000_000n,
  transaction: HASH,
  evidence: {
    network: 'eip155:8453',
    asset: USDC,
    from: FROM,
    nonce,
    validBefore: '1800000000',
  },
}

const abi = parseAbi([
  'event Transfer(address indexed from, address indexed to, uint256 value)',
  'event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce)',
])

type Sent = {
  readonly token?: string
  readonly from?: `0x${string}`
  readonly to?: `0x${string}`
  readonly value?: bigint
  readonly nonce?: `0x${string}`
}

/** The logs of a transfer with authorization, as the contract's own ABI encodes them. */
function logs({ token = USDC, from = FROM, to = TO, value = 1_000_000n, ...rest }: Sent = {}) {
  const used = { authorizer: from, nonce: rest.nonce ?? nonce }
  return [
    {
      address: token,
      topics: encodeEventTopics({ abi, eventName: 'AuthorizationUsed', args: used }),
      data: '0x',
    },
    {
      address: token.toLowerCase(),
      topics: encodeEventTopics({ abi, eventName: 'Transfer', args: { from, to } }),
      data: encodeAbiParameters([{ type: 'uint256' }], [value]),
    },
  ]
}

const mined = (change: object = {}) => ({
  transactionHash: HASH,
  blockHash: BLOCK,
  blockNumber: '0x60',
  status: '0x1',
  logs: logs(),
  ...change,
})

/** A chain whose blocks up to `lasting` will not be undone. */
function chain(receipt: unknown, more: Methods = {}, lasting = '0x64'): Methods {
  return {
    eth_chainId: () => '0x2105',
    eth_getBlockByNumber: ([tag]) =>
      tag === 'safe'
        ? { number: lasting, timestamp: '0x1', hash: BLOCK }
        : { number: tag, timestamp: '0x1', hash: BLOCK },
    eth_getTransactionReceipt: () => receipt,
    eth_getTransactionByHash: () => null,
    ...more,
  }
}

async function check(chains: readonly (Methods | string)[], change: Partial<PaymentClaim> = {}) {
  const servers = await Promise.all(chains.map((methods) => startRpcDouble(methods)))
  return verifyReceipt({ ...claim, ...change }, { rpc: servers.map(({ url }) => url), fetch })
}

test('a payment in a block that will not be undone is confirmed', async () => {
  expect(await check([chain(mined())])).toEqual({ status: 'confirmed', reasons: [] })
})

test('the transaction is asked for once the lasting block is known, and its block after that', async () => {
  const server = await startRpcDouble(chain(mined()))
  await verifyReceipt(claim, { rpc: [server.url], fetch })
  expect(server.calls).toEqual([
    { method: 'eth_chainId', params: [] },
    { method: 'eth_getBlockByNumber', params: ['safe', false] },
    { method: 'eth_getTransactionReceipt', params: [HASH] },
    { method: 'eth_getBlockByNumber', params: ['0x60', false] },
  ])
})

const NO_TRANSFER =
  'the transaction has no transfer of that amount of USDC by that payer to that payee'
const NO_NONCE = 'the transaction does not use the authorization of this payment'

describe('a claim is contradicted by a transaction', () => {
  test.each<[string, object, readonly string[]]>([
    ['that failed', { status: '0x0', logs: [] }, ['the transaction failed']],
    ['without events', { logs: [] }, [NO_TRANSFER, NO_NONCE]],
    ['of another token', { logs: logs({ token: OTHER }) }, [NO_TRANSFER, NO_NONCE]],
    ['by another payer', { logs: logs({ from: OTHER }) }, [NO_TRANSFER, NO_NONCE]],
    ['to somebody else', { logs: logs({ to: OTHER }) }, [NO_TRANSFER]],
    ['of less', { logs: logs({ value: 999_999n }) }, [NO_TRANSFER]],
    ['of more', { logs: logs({ value: 1_000_001n }) }, [NO_TRANSFER]],
    ['of another payment alike', { logs: logs({ nonce: `0x${'cd'.repeat(32)}` }) }, [NO_NONCE]],
    [
      'whose events were removed',
      { logs: logs().map((log) => ({ ...log, removed: true })) },
      [NO_TRANSFER, NO_NONCE],
    ],
    [
      'whose event has a topic too many',
      { logs: logs().map((log) => ({ ...log, topics: [...log.topics, HASH] })) },
      [NO_TRANSFER, NO_NONCE],
    ],
  ])('%s', async (_, change, reasons) => {
    expect(await check([chain(mined(change))])).toEqual({ status: 'contradicted', reasons })
    // As long as its block may be undone, that is no verdict.
    const soon = { status: 'pending', reasons: [...reasons, 'its block may still be undone'] }
    expect(await check([chain(mined(change), {}, '0x5f')])).toEqual(soon)
  })

  test('that is no hash, without asking anybody', async () => {
    const server = await startRpcDouble(chain(mined()))
    const context = { rpc: [server.url], fetch }
    const other = { ...claim, transaction: '5VERv8NMvzbJMEkV8xnrLkEaWRtSz9CosKDYjCJjBRnb' }
    expect((await verifyReceipt(other, context)).status).toBe('contradicted')
    expect(server.calls).toEqual([])
  })

  test('that nobody knows, once the authorization has expired unused', async () => {
    const late = {
      eth_getBlockByNumber: () => ({ number: '0x64', timestamp: '0x6b49d201', hash: BLOCK }),
      eth_call: () => `0x${'0'.repeat(64)}`,
    }
    expect(await check([chain(null, late)])).toEqual({
      status: 'contradicted',
      reasons: ['the payment was not made, and has expired'],
    })
    expect((await check([chain(null, late)], { evidence: undefined })).status).toBe('unknown')
  })
})

test('without evidence another payment alike will do', async () => {
  const alike = chain(mined({ logs: logs({ nonce: `0x${'cd'.repeat(32)}` }) }))
  expect((await check([alike], { evidence: undefined })).status).toBe('confirmed')
})

test('a payment is pending while its block may be undone, was replaced, or has not come', async () => {
  const status = 'pending'
  expect(await check([chain(mined(), {}, '0x5f')])).toEqual({
    status,
    reasons: ['its block may still be undone'],
  })
  expect(await check([chain(mined({ blockHash: HASH }))])).toEqual({
    status,
    reasons: ['its block was replaced by another'],
  })
  expect(await check([chain(null, { eth_getTransactionByHash: () => ({ hash: HASH }) })])).toEqual({
    status,
    reasons: ['it is in no block yet'],
  })
})

test('a payment that somebody else submitted is not confirmed by the transaction that was claimed', async () => {
  const used = { eth_call: () => `0x${'1'.padStart(64, '0')}` }
  expect(await check([chain(null, used)])).toEqual({
    status: 'unknown',
    reasons: ['the payment was made, by another transaction as it seems'],
  })
})

describe('nothing is said by a server', () => {
  const NO_ANSWER = 'an RPC server gave no usable answer'
  test.each<[string, Methods | string, string]>([
    [
      'of another chain',
      chain(mined(), { eth_chainId: () => '0x1' }),
      'an RPC server is of another chain',
    ],
    ['that does not know it', chain(null), 'an RPC server does not know the transaction'],
    ['that answers HTML', '<html>', NO_ANSWER],
    ['that answers a scalar', '7', NO_ANSWER],
    ['that answers too much', `{"result":"${'a'.repeat(1_048_577)}"}`, NO_ANSWER],
    ['with a chain as a number', chain(mined(), { eth_chainId: () => 8453 }), NO_ANSWER],
    ['without a lasting block', chain(mined(), {}, 'soon'), NO_ANSWER],
    ['with a receipt that is text', chain('mined'), NO_ANSWER],
    [
      'with the receipt of another transaction',
      chain(mined({ transactionHash: BLOCK })),
      NO_ANSWER,
    ],
    ['with a receipt that has no status', chain(mined({ status: null })), NO_ANSWER],
    ['with a receipt that has no height', chain(mined({ blockNumber: 96 })), NO_ANSWER],
    ['with logs that are no list', chain(mined({ logs: {} })), NO_ANSWER],
    ['with a log that is null', chain(mined({ logs: [null] })), NO_ANSWER],
    [
      'with topics that are no list',
      chain(mined({ logs: [{ topics: 'x', data: '0x' }] })),
      NO_ANSWER,
    ],
  ])('%s', async (_, methods, reason) => {
    expect(await check([methods])).toEqual({ status: 'unknown', reasons: [reason] })
    expect((await check([methods, chain(mined())])).status).toBe('confirmed')
  })
})

test('two servers that contradict each other leave it unknown', async () => {
  expect(await check([chain(mined()), chain(mined({ status: '0x0' }))])).toEqual({
    status: 'unknown',
    reasons: ['RPC servers contradict each other'],
  })
})

test.each<[string, Partial<PaymentClaim>]>([
  ['no transaction', { transaction: undefined }],
  ['an empty transaction', { transaction: '' }],
  ['another network', { network: 'eip155:1' }],
  ['a network of that name', { network: 'constructor' }],
])('a claim with %s is unknown, and nobody is asked', async (_, change) => {
  const server = await startRpcDouble(chain(mined()))
  const context = { rpc: [server.url], fetch }
  expect((await verifyReceipt({ ...claim, ...change }, context)).status).toBe('unknown')
  expect(server.calls).toEqual([])
})

test('without a server, and after an abort, it is unknown', async () => {
  expect((await verifyReceipt(claim, { rpc: [], fetch })).status).toBe('unknown')
  const server = await startRpcDouble(chain(mined()))
  const context = { rpc: [server.url], fetch, signal: AbortSignal.abort() }
  expect((await verifyReceipt(claim, context)).status).toBe('unknown')
  expect(server.calls).toEqual([])
})
