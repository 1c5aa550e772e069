import { createPublicClient, http, parseAbi, parseEventLogs } from 'viem'
import { base } from 'viem/chains'
import { expect, test } from 'vitest'
import { readSolanaTransfer } from '../chain/solanaTransfer'
import type { MockGateway } from '../createMockGateway'
import { networkOf } from '../networks'
import { chat } from '../testing/chat'
import { BASE, evmPayer, SOLANA, solanaPayer } from '../testing/officialClients'
import { sendPayment, signPayment } from '../testing/payments'
import { startGateway } from '../testing/startGateway'

const abi = parseAbi([
  'function balanceOf(address) view returns (uint256)',
  'function authorizationState(address, bytes32) view returns (bool)',
  'event Transfer(address indexed from, address indexed to, uint256 value)',
])
const { asset } = networkOf(BASE)
const usdc = asset as `0x${string}`

const call = async (url: string | undefined, method: string, params: unknown[] = []) => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const response = await fetch(url ?? '', { method: 'POST', body })
  return response.json()
}

const viem = (gateway: MockGateway) =>
  createPublicClient({ chain: base, transport: http(gateway.rpc[BASE], { retryCount: 0 }) })

test('viem reads the chain that a payment moved', async () => {
  const gateway = await startGateway({ balances: {} })
  const { account, pay } = evmPayer()
  await gateway.state.setBalance(BASE, account.address, '$3')
  await pay(`${gateway.url}/v1/chat/completions`, chat('pay'))
  const [payment] = gateway.state.payments
  const client = viem(gateway)
  expect(await client.getChainId()).toBe(8453)
  const read = { address: usdc, abi } as const
  expect(
    await client.readContract({ ...read, functionName: 'balanceOf', args: [account.address] }),
  ).toBe(2_000_000n)
  const nonce = payment?.nonce as `0x${string}`
  const used = { ...read, functionName: 'authorizationState' } as const
  expect(await client.readContract({ ...used, args: [account.address, nonce] })).toBe(true)
  const unused = `0x${'00'.repeat(32)}` as const
  expect(
    await client.readContract({ ...used, args: [account.address, unused], blockTag: 'safe' }),
  ).toBe(false)
  const hash = payment?.transaction as `0x${string}`
  const receipt = await client.getTransactionReceipt({ hash })
  expect(receipt.status).toBe('success')
  expect(parseEventLogs({ abi, logs: receipt.logs })).toMatchObject([
    { eventName: 'Transfer', args: { from: account.address, value: 1_000_000n } },
  ])
})

test('EVM blocks carry the gateway’s time, at every tag', async () => {
  const gateway = await startGateway({ clock: () => 1_900_000_000_000 })
  const client = viem(gateway)
  for (const blockTag of ['latest', 'safe', 'finalized'] as const) {
    expect((await client.getBlock({ blockTag })).timestamp).toBe(1_900_000_000n)
  }
  const before = await client.getBlockNumber({ cacheTime: 0 })
  await gateway.state.advance({ blocks: 5, milliseconds: 10_000 })
  expect(await client.getBlockNumber({ cacheTime: 0 })).toBe(before + 10n)
  expect((await client.getBlock()).timestamp).toBe(1_900_000_010n)
})

test('a call to another contract reverts, and a receipt of nothing is null', async () => {
  const gateway = await startGateway()
  const url = gateway.rpc[BASE]
  const to = '0x1111111111111111111111111111111111111111'
  expect(await call(url, 'eth_call', [{ to, data: '0x' }, 'latest'])).toMatchObject({
    error: { message: 'execution reverted' },
  })
  expect(await call(url, 'eth_getTransactionReceipt', ['0x11'])).toMatchObject({ result: null })
  expect(await call(url, 'eth_nothing')).toMatchObject({ error: { code: -32601 } })
})

test('the Solana RPC knows blockhashes, heights and what landed', async () => {
  let now = 1_900_000_000_000
  const gateway = await startGateway({ clock: () => now, blockhashHint: false })
  const { account, pay } = await solanaPayer(gateway)
  await pay(`${gateway.url}/v1/chat/completions`, chat('pay'))
  const url = gateway.rpc[SOLANA]
  const { result: latest } = await call(url, 'getLatestBlockhash')
  const { result: height } = await call(url, 'getBlockHeight')
  expect(latest.value.lastValidBlockHeight).toBe(height + 150)
  const valid = async () => (await call(url, 'isBlockhashValid', [latest.value.blockhash])).result
  expect((await valid()).value).toBe(true)

  const [payment] = gateway.state.payments
  const statuses = await call(url, 'getSignatureStatuses', [[payment?.transaction, 'unknown']])
  expect(statuses.result.value).toEqual([
    expect.objectContaining({ err: null, confirmationStatus: 'finalized' }),
    null,
  ])
  const { result: found } = await call(url, 'getSignaturesForAddress', [account.address])
  expect(found).toMatchObject([
    { signature: payment?.transaction, memo: expect.stringMatching(/^\[32\] [0-9a-f]{32}$/) },
  ])

  now += 150 * 400
  expect((await valid()).value).toBe(true)
  now += 400
  expect((await valid()).value).toBe(false)
  expect((await call(url, 'getBlockHeight')).result).toBe(height + 151)
  expect((await call(url, 'getSlot')).result).toBeGreaterThan(height)
})

/** A dollar, paid on Solana by somebody who had two and a half. */
async function payOnSolana() {
  const gateway = await startGateway({ balances: {} })
  const payer = await solanaPayer(gateway)
  await gateway.state.setBalance(SOLANA, payer.account.address, '$2.5')
  const payment = await signPayment(gateway, payer)
  await sendPayment(gateway, payment)
  const transfer = readSolanaTransfer(String(payment.payload.transaction))
  return { gateway, url: gateway.rpc[SOLANA], payer: payer.account.address, transfer }
}

test('the Solana RPC knows what a token account holds', async () => {
  const { url, transfer } = await payOnSolana()
  const { asset: mint } = networkOf(SOLANA)
  expect((await call(url, 'getTokenAccountBalance', [transfer?.source])).result.value).toEqual({
    amount: '1500000',
    decimals: 6,
    uiAmount: 1.5,
    uiAmountString: '1.5',
  })
  expect(await call(url, 'getTokenAccountBalance', [mint])).toMatchObject({
    error: { code: -32602 },
  })
})

test('the Solana RPC knows token accounts, and what a transaction did to them', async () => {
  const { gateway, url, payer, transfer } = await payOnSolana()
  const { asset: mint } = networkOf(SOLANA)
  const { result } = await call(url, 'getAccountInfo', [transfer?.source, { encoding: 'base64' }])
  const data = Buffer.from(result.value.data[0], 'base64')
  expect([data.length, data.readBigUInt64LE(64)]).toEqual([165, 1_500_000n])
  expect((await call(url, 'getAccountInfo', [payer])).result.value).toBeNull()

  const [{ transaction = '' } = {}] = gateway.state.payments
  const { meta, transaction: sent } = (await call(url, 'getTransaction', [transaction])).result
  const held = (amount: string, account: string | undefined) =>
    expect.objectContaining({
      accountIndex: sent.message.accountKeys.indexOf(account),
      mint,
      uiTokenAmount: expect.objectContaining({ amount }),
    })
  const [source, destination] = [transfer?.source, transfer?.destination]
  expect(meta.preTokenBalances).toEqual([held('2500000', source), held('0', destination)])
  expect(meta.postTokenBalances).toEqual([held('1500000', source), held('1000000', destination)])
})

test('calls are counted by method, in batches too, and listed nowhere', async () => {
  const gateway = await startGateway()
  const one = { jsonrpc: '2.0', id: 1, method: 'eth_chainId' }
  const body = JSON.stringify([one, { ...one, id: 2 }, 7])
  const response = await fetch(gateway.rpc[BASE] ?? '', { method: 'POST', body })
  expect(await response.json()).toMatchObject([
    { id: 1, result: '0x2105' },
    { id: 2, result: '0x2105' },
    { id: null, error: { code: -32600 } },
  ])
  expect(gateway.state.counts().rpc).toEqual({ eth_chainId: 2 })
  expect(gateway.state.requests).toEqual([])
})

test('what is no JSON gets a parse error', async () => {
  const gateway = await startGateway()
  const response = await fetch(gateway.rpc[SOLANA] ?? '', { method: 'POST', body: '{' })
  expect(await response.json()).toMatchObject({ error: { code: -32700 } })
})
