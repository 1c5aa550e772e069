import { expect, test } from 'vitest'
import { readFate } from './readFate'
import { type Methods, startRpcDouble } from './rpcDouble'

const evidence = {
  network: 'eip155:8453',
  asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
  from: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  nonce: `0x${'ab'.repeat(32)}`,
  validBefore: '1800000000',
}
const USED = `0x${'1'.padStart(64, '0')}`
const UNUSED = `0x${'0'.repeat(64)}`
const block = (timestamp: number) => ({
  number: '0x64',
  timestamp: `0x${timestamp.toString(16)}`,
})
const chain = (state: unknown, timestamp: number): Methods => ({
  eth_chainId: () => '0x2105',
  eth_getBlockByNumber: () => block(timestamp),
  eth_call: () => state,
})

async function fateBy(...chains: readonly (Methods | string)[]) {
  const servers = await Promise.all(chains.map((methods) => startRpcDouble(methods)))
  return readFate(evidence, { rpc: servers.map(({ url }) => url), fetch })
}

test('a used nonce means the payment settled, before and after it expires', async () => {
  expect(await fateBy(chain(USED, 1_799_999_999))).toBe('settled')
  expect(await fateBy(chain(USED, 1_800_000_001))).toBe('settled')
})

test('an unused nonce means the payment is dead only once the chain is past validBefore', async () => {
  expect(await fateBy(chain(UNUSED, 1_799_999_999))).toBe('unknown')
  expect(await fateBy(chain(UNUSED, 1_800_000_000))).toBe('unknown')
  expect(await fateBy(chain(UNUSED, 1_800_000_001))).toBe('dead')
})

test('the nonce is asked for at the safe block, of the token, by its EIP-3009 function', async () => {
  const server = await startRpcDouble(chain(UNUSED, 1))
  await readFate(evidence, { rpc: [server.url], fetch })
  const data = `0xe94a0102${evidence.from.slice(2).padStart(64, '0')}${'ab'.repeat(32)}`
  expect(server.calls).toEqual([
    { method: 'eth_chainId', params: [] },
    { method: 'eth_getBlockByNumber', params: ['safe', false] },
    { method: 'eth_call', params: [{ to: evidence.asset, data }, '0x64'] },
  ])
})

test.each([
  ['null', () => null],
  [
    'an error',
    () => {
      throw new Error('unknown block tag')
    },
  ],
])(
  'a server that answers %s for the safe block is asked for the finalized one',
  async (_, missing) => {
    const byTag = (params: readonly unknown[]) =>
      params[0] === 'finalized' ? block(1_800_000_001) : missing()
    expect(await fateBy({ ...chain(UNUSED, 0), eth_getBlockByNumber: byTag })).toBe('dead')
  },
)

test.each<[string, Methods | string]>([
  ['is of another chain', { ...chain(UNUSED, 1_800_000_001), eth_chainId: () => '0x1' }],
  ['gives the chain as a number', { ...chain(USED, 1), eth_chainId: () => 8453 }],
  ['has no contract there', chain('0x', 1_800_000_001)],
  ['answers a short word', chain('0x0', 1_800_000_001)],
  ['answers neither yes nor no', chain(`0x${'2'.padStart(64, '0')}`, 1_800_000_001)],
  ['fails the call', { ...chain(UNUSED, 1_800_000_001), eth_call: () => undefined }],
  ['has no block', { ...chain(UNUSED, 0), eth_getBlockByNumber: () => null }],
  [
    'has a block without a time',
    { ...chain(UNUSED, 0), eth_getBlockByNumber: () => ({ number: '0x1' }) },
  ],
  [
    'has a time that is no quantity',
    { ...chain(UNUSED, 0), eth_getBlockByNumber: () => ({ number: '0x1', timestamp: 9e9 }) },
  ],
  ['answers what is not JSON', '<html>'],
  ['answers a JSON scalar', '7'],
])('a server that %s proves nothing', async (_, methods) => {
  expect(await fateBy(methods)).toBe('unknown')
})

test('a server that cannot be reached proves nothing and does not reject', async () => {
  expect(await readFate(evidence, { rpc: ['http://127.0.0.1:1'], fetch })).toBe('unknown')
})

test('without any server nothing is known', async () => {
  expect(await readFate(evidence, { rpc: [], fetch })).toBe('unknown')
})

test('servers that contradict each other prove nothing', async () => {
  expect(await fateBy(chain(USED, 1_800_000_001), chain(UNUSED, 1_800_000_001))).toBe('unknown')
})

test('a server that errs does not outvote one that knows', async () => {
  expect(await fateBy('<html>', chain(USED, 1))).toBe('settled')
  expect(await fateBy(chain(UNUSED, 1_800_000_001), '<html>')).toBe('dead')
})

test('an aborted question is unknown, not an error', async () => {
  const server = await startRpcDouble(chain(USED, 1))
  const signal = AbortSignal.abort()
  expect(await readFate(evidence, { rpc: [server.url], fetch, signal })).toBe('unknown')
  expect(server.calls).toEqual([])
})

test.each(['network', 'asset', 'from', 'nonce', 'validBefore'])(
  'evidence with a damaged %s is unknown and nobody is asked',
  async (field) => {
    const server = await startRpcDouble(chain(USED, 1))
    const damaged = { ...evidence, [field]: `${Reflect.get(evidence, field)}x` }
    expect(await readFate(damaged, { rpc: [server.url], fetch })).toBe('unknown')
    expect(await readFate({}, { rpc: [server.url], fetch })).toBe('unknown')
    expect(server.calls).toEqual([])
  },
)
