import { expect, test } from 'vitest'
import { networks } from './networks'
import { TOKEN } from './programs'
import { readBalance } from './readBalance'
import { type Methods, startRpcDouble } from './rpcDouble'
import { tokenAccount } from './tokenAccount'

const NETWORK = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'
const OWNER = 'GgBaCs3NCBuZN12kCJgAW63ydqohFkHEdfdEXBPzLHq'

function account(amount: bigint, size = 165) {
  const bytes = Buffer.alloc(size)
  if (size >= 72) bytes.writeBigUInt64LE(amount, 64)
  return { data: [bytes.toString('base64'), 'base64'], owner: TOKEN }
}

const chain = (value: unknown): Methods => ({
  getGenesisHash: () => '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d',
  getAccountInfo: () => ({ context: { slot: 1 }, value }),
})

async function balanceBy(...chains: readonly (Methods | string)[]) {
  const servers = await Promise.all(chains.map((methods) => startRpcDouble(methods)))
  return readBalance(OWNER, NETWORK, { rpc: servers.map(({ url }) => url), fetch })
}

test('a balance is read of the associated token account, once confirmed', async () => {
  const server = await startRpcDouble(chain(account(2_500_000n)))
  expect(await readBalance(OWNER, NETWORK, { rpc: [server.url], fetch })).toBe(2_500_000n)
  const ata = await tokenAccount(OWNER, networks[NETWORK]?.address ?? '')
  const options = { commitment: 'confirmed', encoding: 'base64' }
  expect(server.calls).toContainEqual({ method: 'getAccountInfo', params: [ata, options] })
  expect(await balanceBy(chain(account(2n ** 64n - 1n)))).toBe(2n ** 64n - 1n)
})

test('nothing is zero only where a server says so, or that there is no account', async () => {
  expect(await balanceBy(chain(account(0n)))).toBe(0n)
  expect(await balanceBy(chain(null))).toBe(0n)
})

const OTHER_GENESIS = { getGenesisHash: () => 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG' }

test.each<[string, Methods | string]>([
  ['of another chain', { ...chain(account(1n)), ...OTHER_GENESIS }],
  ['of another chain that has no such account', { ...chain(null), ...OTHER_GENESIS }],
  ['that answers without a value', { ...chain(null), getAccountInfo: () => ({}) }],
  ['that answers text', { ...chain(null), getAccountInfo: () => 'none' }],
  ['with an account of another program', chain({ ...account(1n), owner: OWNER })],
  ['with another encoding', chain({ ...account(1n), data: ['', 'base58'] })],
  ['with an account that is too short', chain(account(1n, 71))],
  ['with what is no base64', chain({ ...account(1n), data: ['%', 'base64'] })],
  ['that errs', { getGenesisHash: chain(null).getGenesisHash ?? (() => '') }],
  ['that answers HTML', '<html>'],
])('a server %s says nothing, and another one is heard', async (_, methods) => {
  await expect(balanceBy(methods)).rejects.toThrow()
  expect(await balanceBy(methods, chain(account(3n)))).toBe(3n)
})

test('without a server and after an abort nothing is said', async () => {
  const { url } = await startRpcDouble(chain(null))
  const signal = AbortSignal.abort()
  await expect(readBalance(OWNER, NETWORK, { rpc: [], fetch })).rejects.toThrow()
  await expect(readBalance(OWNER, NETWORK, { rpc: [url], fetch, signal })).rejects.toThrow()
})
