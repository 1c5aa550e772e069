import { expect, test } from 'vitest'
import { readBalance } from './readBalance'
import { type Methods, startRpcDouble } from './rpcDouble'

const OWNER = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
const word = (value: bigint) => `0x${value.toString(16).padStart(64, '0')}`
const chain = (held: unknown): Methods => ({ eth_chainId: () => '0x2105', eth_call: () => held })

async function balanceBy(...chains: readonly (Methods | string)[]) {
  const servers = await Promise.all(chains.map((methods) => startRpcDouble(methods)))
  return readBalance(OWNER, 'eip155:8453', { rpc: servers.map(({ url }) => url), fetch })
}

test('a balance is read of USDC by balanceOf in the latest block', async () => {
  const server = await startRpcDouble(chain(word(2_500_000n)))
  const context = { rpc: [server.url], fetch }
  expect(await readBalance(OWNER, 'eip155:8453', context)).toBe(2_500_000n)
  const data = `0x70a08231${OWNER.slice(2).padStart(64, '0')}`
  const to = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913'
  expect(server.calls).toContainEqual({ method: 'eth_call', params: [{ to, data }, 'latest'] })
})

test('nothing is zero only where a server says so', async () => {
  expect(await balanceBy(chain(word(0n)))).toBe(0n)
})

test.each<[string, Methods | string]>([
  ['of another chain', { ...chain(word(1n)), eth_chainId: () => '0x1' }],
  ['without a contract there', chain('0x')],
  ['that answers null', chain(null)],
  ['that answers a number', chain(7)],
  ['that errs', { eth_chainId: () => '0x2105' }],
  ['that answers HTML', '<html>'],
  ['that answers too much', `{"result":"${'a'.repeat(1_048_577)}"}`],
])('a server %s says nothing, and another one is heard', async (_, methods) => {
  await expect(balanceBy(methods)).rejects.toThrow()
  expect(await balanceBy(methods, chain(word(3n)))).toBe(3n)
})

test('without a server, on another network and after an abort nothing is said', async () => {
  const { url } = await startRpcDouble(chain(word(1n)))
  const signal = AbortSignal.abort()
  await expect(readBalance(OWNER, 'eip155:8453', { rpc: [], fetch })).rejects.toThrow()
  await expect(readBalance(OWNER, 'eip155:1', { rpc: [url], fetch })).rejects.toThrow()
  await expect(readBalance(OWNER, 'eip155:8453', { rpc: [url], fetch, signal })).rejects.toThrow()
})
