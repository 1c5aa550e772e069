import { expect, test } from 'vitest'
import { readFate } from './readFate'
import { type Methods, startRpcDouble } from './rpcDouble'
import type { Evidence } from './wallet'

const ACCOUNT = 'GgBaCs3NCBuZN12kCJgAW63ydqohFkHEdfdEXBPzLHq'
const BLOCKHASH = 'LbUiWL3xVV8hTFYBVdbTNrpDo41NKS6o3LHHuDzjfcY'
const hinted: Evidence = {
  network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
  account: ACCOUNT,
  memo: 'a1b2',
  blockhash: BLOCKHASH,
  preparedAt: '1800000000',
  signature: 'ours',
}
const own: Evidence = { ...hinted, slot: '1000', lastValidBlockHeight: '900' }

type Landed = {
  readonly id: string
  readonly slot: number
  readonly signatures: readonly string[]
  readonly memo?: string | null
  readonly err?: unknown
  readonly blockTime?: number | null
}

type Chain = {
  readonly height?: number
  readonly slot?: number
  readonly time?: number
  readonly first?: number
  readonly isValid?: Readonly<Record<string, boolean>>
  readonly landed?: readonly Landed[]
}

const PAID: Landed = {
  id: 'paid',
  slot: 1005,
  signatures: ['facilitator', 'ours'],
  memo: '[4] a1b2',
}

function chain({
  height = 901,
  slot = 1200,
  time = 1_800_000_151,
  first = 0,
  ...rest
}: Chain): Methods {
  const { isValid = {}, landed = [] } = rest
  const times = new Map([
    [slot, time],
    [first, 1_700_000_000],
  ])
  return {
    getGenesisHash: () => '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d',
    getEpochInfo: () => ({ absoluteSlot: slot, blockHeight: height }),
    getBlockTime: ([at]) => times.get(Number(at)),
    getFirstAvailableBlock: () => first,
    isBlockhashValid: ([, options]) => ({
      context: { slot },
      value: isValid[String(Reflect.get(Object(options), 'commitment'))] ?? false,
    }),
    getSignaturesForAddress: ([, options]) => {
      const { before, limit } = JSON.parse(JSON.stringify(options))
      const start = before === undefined ? 0 : landed.findIndex(({ id }) => id === before) + 1
      return landed.slice(start, start + limit).map((one) => ({
        signature: one.id,
        slot: one.slot,
        err: one.err ?? null,
        memo: one.memo ?? null,
        blockTime: one.blockTime ?? null,
      }))
    },
    getTransaction: ([id]) => {
      const one = landed.find((candidate) => candidate.id === id)
      return one && { transaction: { signatures: one.signatures }, meta: { err: one.err ?? null } }
    },
  }
}

async function fateBy(evidence: Evidence, ...chains: readonly (Methods | string)[]) {
  const servers = await Promise.all(chains.map((methods) => startRpcDouble(methods)))
  return readFate(evidence, { rpc: servers.map(({ url }) => url), fetch })
}

test('a payment that landed is settled, before and after its blockhash expires', async () => {
  expect(await fateBy(own, chain({ height: 800, landed: [PAID] }))).toBe('settled')
  expect(await fateBy(own, chain({ height: 901, landed: [PAID] }))).toBe('settled')
})

test('a payment that landed and failed is dead: it cannot land again', async () => {
  const failed = { ...PAID, err: { InstructionError: [2, { Custom: 1 }] } }
  expect(await fateBy(own, chain({ height: 800, landed: [failed] }))).toBe('dead')
})

test('a payment that did not land is dead only when the last block it could be in is finalized', async () => {
  expect(await fateBy(own, chain({ height: 899 }))).toBe('unknown')
  expect(await fateBy(own, chain({ height: 900 }))).toBe('unknown')
  expect(await fateBy(own, chain({ height: 901 }))).toBe('dead')
})

test('expiry is asked for before the search, and the search at no earlier slot', async () => {
  const server = await startRpcDouble(chain({ landed: [PAID] }))
  await readFate(own, { rpc: [server.url], fetch })
  expect(server.calls).toEqual([
    { method: 'getGenesisHash', params: [] },
    { method: 'getEpochInfo', params: [{ commitment: 'finalized' }] },
    {
      method: 'getSignaturesForAddress',
      params: [ACCOUNT, { commitment: 'finalized', minContextSlot: 1200, limit: 1000 }],
    },
    {
      method: 'getTransaction',
      params: [
        'paid',
        { commitment: 'finalized', encoding: 'json', maxSupportedTransactionVersion: 0 },
      ],
    },
  ])
})

test('a blockhash of the gateway counts as expired when the chain says so and 150 seconds are over', async () => {
  expect(await fateBy(hinted, chain({}))).toBe('dead')
  expect(await fateBy(hinted, chain({ time: 1_800_000_150 }))).toBe('unknown')
  expect(await fateBy(hinted, chain({ isValid: { processed: true } }))).toBe('unknown')
  expect(await fateBy(hinted, chain({ isValid: { finalized: true } }))).toBe('unknown')
  expect(await fateBy(hinted, chain({ landed: [PAID] }))).toBe('settled')
})

test('another payment with the same memo is not taken for ours', async () => {
  const other = { ...PAID, id: 'other', signatures: ['facilitator', 'theirs'] }
  expect(await fateBy(own, chain({ landed: [other] }))).toBe('dead')
  expect(await fateBy(own, chain({ landed: [{ ...other, err: 'x' }, PAID] }))).toBe('settled')
})

test('a payment is found by a server that keeps no memos', async () => {
  const others = Array.from({ length: 20 }, (_, at) => ({
    id: `o${at}`,
    slot: 1100,
    signatures: ['x'],
  }))
  expect(await fateBy(own, chain({ landed: [...others, { ...PAID, memo: null }] }))).toBe('settled')
})

test('a payment is found behind pages of later ones', async () => {
  const others = Array.from({ length: 2500 }, (_, at) => ({
    id: `o${at}`,
    slot: 1100,
    signatures: ['x'],
    memo: '[5] other',
  }))
  expect(await fateBy(own, chain({ landed: [...others, PAID] }))).toBe('settled')
})

test('the search ends at what is older than the payment', async () => {
  const older = Array.from({ length: 2500 }, (_, at) => ({
    id: `o${at}`,
    slot: 999,
    signatures: ['x'],
  }))
  const server = await startRpcDouble(chain({ landed: older }))
  expect(await readFate(own, { rpc: [server.url], fetch })).toBe('dead')
  expect(server.calls.filter(({ method }) => method === 'getSignaturesForAddress')).toHaveLength(1)
})

test('with the blockhash of a gateway whose clock may be a day off, the search goes back that day', async () => {
  const early = { ...PAID, blockTime: 1_800_000_000 - 86_000 }
  const older = { id: 'o', slot: 1, signatures: ['x'], blockTime: 1_800_000_000 - 86_401 }
  expect(await fateBy(hinted, chain({ landed: [early, older] }))).toBe('settled')
  expect(await fateBy(hinted, chain({ landed: [older, PAID] }))).toBe('dead')
})

test('more than can be searched proves nothing', async () => {
  const busy = Array.from({ length: 10_001 }, (_, at) => ({
    id: `o${at}`,
    slot: 1100,
    signatures: ['x'],
    memo: '[5] other',
  }))
  expect(await fateBy(own, chain({ landed: busy }))).toBe('unknown')
  const memoless = busy.slice(0, 101).map((one) => ({ ...one, memo: null }))
  expect(await fateBy(own, chain({ landed: memoless }))).toBe('unknown')
})

test('a server that has pruned the time of the payment cannot call it dead', async () => {
  expect(await fateBy(own, chain({ first: 1000 }))).toBe('dead')
  expect(await fateBy(own, chain({ first: 1001 }))).toBe('unknown')
  expect(await fateBy(hinted, chain({ first: 1001 }))).toBe('dead')
  const recent = { ...chain({ first: 1001 }), getBlockTime: () => 1_800_000_151 }
  expect(await fateBy(hinted, recent)).toBe('unknown')
})

test.each<[string, Methods | string]>([
  [
    'is of another chain',
    { ...chain({}), getGenesisHash: () => 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wc' },
  ],
  ['gives no height', { ...chain({}), getEpochInfo: () => ({ absoluteSlot: 1 }) }],
  [
    'gives the height as text',
    { ...chain({}), getEpochInfo: () => ({ absoluteSlot: 1, blockHeight: '901' }) },
  ],
  ['fails the search', { ...chain({}), getSignaturesForAddress: () => undefined }],
  ['answers the search with no list', { ...chain({}), getSignaturesForAddress: () => ({}) }],
  ['lists what has no id', { ...chain({}), getSignaturesForAddress: () => [{ slot: 1100 }] }],
  ['lists what it cannot show', { ...chain({ landed: [PAID] }), getTransaction: () => null }],
  [
    'shows a transaction without its outcome',
    {
      ...chain({ landed: [PAID] }),
      getTransaction: () => ({ transaction: { signatures: ['ours'] } }),
    },
  ],
  ['fails on history', { ...chain({}), getFirstAvailableBlock: () => undefined }],
  ['answers what is not JSON', '<html>'],
])('a server that %s proves nothing', async (_, methods) => {
  expect(await fateBy(own, methods)).toBe('unknown')
})

test('without any server nothing is known', async () => {
  expect(await fateBy(own)).toBe('unknown')
})

test('servers that contradict each other prove nothing, and one that errs is passed over', async () => {
  expect(await fateBy(own, chain({}), chain({ landed: [PAID] }))).toBe('unknown')
  expect(await fateBy(own, '<html>', chain({ landed: [PAID] }))).toBe('settled')
  expect(await fateBy(own, chain({}), '<html>')).toBe('dead')
})

test.each(['network', 'account', 'memo', 'blockhash', 'preparedAt', 'signature'])(
  'evidence without its %s is unknown and nobody is asked',
  async (field) => {
    const server = await startRpcDouble(chain({}))
    const { [field]: _, ...partial } = own
    expect(await readFate(partial, { rpc: [server.url], fetch })).toBe('unknown')
    expect(server.calls).toEqual([])
  },
)
