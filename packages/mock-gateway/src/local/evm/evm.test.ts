import { ExactEvmScheme } from '@x402/evm'
import { wrapFetchWithPayment, x402Client } from '@x402/fetch'
import type { Hex } from 'viem'
import { expect, test } from 'vitest'
import { networkOf } from '../../networks'
import type { MockGatewayOptions } from '../../options'
import { chat, decoded } from '../../testing/chat'
import { CREATE2_FACTORY, contractWallet } from '../../testing/contractWallet'
import { access, challengeOf, signFor, startKey0 } from '../../testing/key0'
import { BASE, evmPayer } from '../../testing/officialClients'
import { sendPayment, signAt, signPayment } from '../../testing/payments'
import { startGateway } from '../../testing/startGateway'
import { jsonRpc } from '../jsonRpc'
import { type LocalChainOptions, localChain } from '../localChain'

async function start(options: MockGatewayOptions = {}, local: LocalChainOptions = {}) {
  const chain = localChain(local)
  const gateway = await startGateway({
    chain,
    networks: [BASE],
    topUps: ['$1'],
    balances: {},
    ...options,
  })
  const node = chain.node(BASE)
  const funded = async () => {
    const payer = evmPayer()
    await chain.faucet(payer.account.address, '$10')
    return payer
  }
  const request = jsonRpc(node.url)
  return { chain, gateway, node, funded, request }
}
const ask = (url: string) => `${url}/v1/chat/completions`

test('a payment moves USDC, and the gateway has its transaction', async () => {
  const { gateway, node, funded } = await start()
  const payer = await funded()
  expect((await payer.pay(ask(gateway.url), chat('hello'))).status).toBe(200)
  expect(await node.balanceOf(payer.account.address)).toBe(9_000_000n)
  const [payment] = gateway.state.payments
  expect(await node.transfers()).toMatchObject([
    {
      transaction: payment?.transaction,
      from: payer.account.address,
      amount: 1_000_000n,
      nonce: payment?.nonce,
    },
  ])
})

test('twenty wallets pay at once', async () => {
  const { gateway, node, funded } = await start()
  const payers = await Promise.all(Array.from({ length: 20 }, funded))
  const answers = await Promise.all(payers.map(({ pay }) => pay(ask(gateway.url), chat('hello'))))
  expect(answers.map(({ status }) => status)).toEqual(payers.map(() => 200))
  expect(new Set((await node.transfers()).map(({ nonce }) => nonce)).size).toBe(20)
})

test('a wallet without money is refused with the official reason, and so is a replay', async () => {
  const { gateway, funded } = await start()
  const broke = await sendPayment(gateway, await signPayment(gateway, evmPayer()))
  expect(decoded(broke, 'PAYMENT-RESPONSE')).toMatchObject({
    errorReason: 'invalid_exact_evm_insufficient_balance',
  })
  const payment = await signPayment(gateway, await funded())
  expect((await sendPayment(gateway, payment)).status).toBe(200)
  expect((await sendPayment(gateway, payment)).status).toBe(402)
})

test('a contract wallet pays once deployed (ERC-1271), and before (ERC-6492) where its factory is trusted', async () => {
  const { chain, gateway, node, request } = await start({}, { factories: [CREATE2_FACTORY] })
  const payWith = async (account: ReturnType<typeof contractWallet>['deployed']) => {
    await chain.faucet(account.address, '$1')
    const client = new x402Client().register('eip155:*', new ExactEvmScheme(account))
    return wrapFetchWithPayment(fetch, client)(ask(gateway.url), chat('hello'))
  }
  const early = contractWallet()
  expect((await payWith(early.counterfactual)).status).toBe(200)
  const late = contractWallet()
  await request('anvil_setBalance', [early.address, '0xde0b6b3a7640000'])
  await request('eth_sendTransaction', [{ from: early.address, ...late.deployment }])
  await node.advance(1)
  expect((await payWith(late.deployed)).status).toBe(200)
  expect(await node.transfers()).toMatchObject([{ from: early.address }, { from: late.address }])

  const untrusted = await start()
  await untrusted.chain.faucet(early.address, '$1')
  const payment = await signPayment(untrusted.gateway, {
    client: new x402Client().register('eip155:*', new ExactEvmScheme(early.counterfactual)),
  })
  const refused = await sendPayment(untrusted.gateway, payment)
  expect(decoded(refused, 'PAYMENT-RESPONSE')).toMatchObject({
    errorReason: expect.stringContaining('factory'),
  })
})

test('settle-late: pending now, landed on the next advance, and credited', async () => {
  const { gateway, node, funded } = await start()
  const payer = await funded()
  const payment = await signPayment(gateway, payer)
  gateway.faults.next('settle-late')
  const pending = await sendPayment(gateway, payment)
  expect(decoded(pending, 'PAYMENT-RESPONSE')).toMatchObject({ errorReason: 'settlement_pending' })
  const other = await funded()
  expect((await other.pay(ask(gateway.url), chat('not held up'))).status).toBe(200)
  expect(await node.balanceOf(payer.account.address)).toBe(10_000_000n)
  await gateway.state.advance({ blocks: 1 })
  expect(await node.balanceOf(payer.account.address)).toBe(9_000_000n)
  expect((await sendPayment(gateway, payment)).status).toBe(200)
  expect(gateway.state.counts()).toMatchObject({ payments: 2 })
})

test('third-party-settles: a stranger lands the authorization first, and nobody is credited', async () => {
  const { gateway, node, funded } = await start()
  const payment = await signPayment(gateway, await funded())
  gateway.faults.next('third-party-settles')
  const response = await sendPayment(gateway, payment)
  expect(decoded(response, 'PAYMENT-RESPONSE')).toMatchObject({
    errorReason: 'invalid_exact_evm_nonce_already_used',
  })
  const [record] = gateway.state.payments
  expect(record).toMatchObject({ amount: 1_000_000n, credited: 0n })
  expect(await node.transfers()).toMatchObject([{ transaction: record?.transaction }])
})

test('a transaction that is dropped never lands; one that is replaced lands under another hash', async () => {
  const { gateway, node, funded } = await start()
  const payer = await funded()
  gateway.faults.next('tx-dropped')
  const dropped = await sendPayment(gateway, await signPayment(gateway, payer))
  expect(decoded(dropped, 'PAYMENT-RESPONSE')).toMatchObject({ errorReason: 'settlement_pending' })
  await gateway.state.advance({ blocks: 3 })
  expect(await node.transfers()).toEqual([])
  gateway.faults.next('tx-replaced')
  expect((await sendPayment(gateway, await signPayment(gateway, payer))).status).toBe(200)
  const [transfer] = await node.transfers()
  const [record] = gateway.state.payments
  expect(transfer).toMatchObject({ nonce: record?.nonce })
  expect(transfer?.transaction).not.toBe(record?.transaction)
})

test('a reorg undoes what landed, keeps what the faucet gave, and it lands again on advance', async () => {
  const { gateway, node, funded } = await start()
  const payer = await funded()
  gateway.faults.next('reorg', { blocks: 1, after: 0 })
  expect((await payer.pay(ask(gateway.url), chat('hello'))).status).toBe(200)
  await expect.poll(() => node.transfers()).toHaveLength(1)
  const [landed] = await node.transfers()
  const late = await funded()
  await node.reorg(3)
  expect(await node.transfers()).toEqual([])
  expect(await node.balanceOf(payer.account.address)).toBe(10_000_000n)
  expect(await node.balanceOf(late.account.address)).toBe(10_000_000n)
  await node.advance(1)
  expect(await node.transfers()).toMatchObject([{ transaction: landed?.transaction }])
})

test('who asks while blocks are undone is answered by what is on the chain after that', async () => {
  const { chain, node } = await start()
  const owner = evmPayer().account.address
  await chain.faucet(owner, '$1')
  let isUndoing = true
  const reorg = node.reorg(1).finally(() => {
    isUndoing = false
  })
  while (isUndoing) expect(await node.balanceOf(owner)).toBe(1_000_000n)
  await reorg
})

test('fifty wallets pay while blocks are undone, and each payment lands once', async () => {
  const { gateway, node, funded } = await start()
  const payers = await Promise.all(Array.from({ length: 50 }, funded))
  gateway.faults.random({ reorg: 0.2, 'tx-replaced': 0.1, 'settle-late': 0.1 }, 7)
  await Promise.all(payers.map(({ pay }) => pay(ask(gateway.url), chat('hello'))))
  await expect
    .poll(async () => {
      await gateway.state.advance({ blocks: 1 })
      return (await node.transfers()).length
    })
    .toBe(50)
  expect(new Set((await node.transfers()).map(({ nonce }) => nonce)).size).toBe(50)
  expect(gateway.state.counts()).toMatchObject({ payments: 50, credited: 50_000_000n })
})

test('where balances are unlimited, whoever asks or pays has a billion dollars', async () => {
  const { gateway, node } = await start({ balances: 'unlimited' })
  const payer = evmPayer()
  expect((await payer.pay(ask(gateway.url), chat('hello'))).status).toBe(200)
  expect(await node.balanceOf(payer.account.address)).toBe(999_999_999_000_000n)
})

test('what is final trails by as much as it is told', async () => {
  const { gateway, node, funded } = await start()
  const numberOf = async (tag: string) => {
    const response = await fetch(gateway.rpc[BASE] ?? '', {
      method: 'POST',
      body: JSON.stringify({ id: 1, method: 'eth_getBlockByNumber', params: [tag, false] }),
    })
    const { result } = (await response.json()) as { result: { number: Hex } }
    return BigInt(result.number)
  }
  await gateway.state.advance({ blocks: 20 })
  expect(await numberOf('finalized')).toBe(await numberOf('latest'))
  gateway.faults.next('finality-late', { blocks: 12 })
  await (await funded()).pay(ask(gateway.url), chat('hello'))
  expect(await numberOf('finalized')).toBe((await node.height()) - 12n)
  expect(await numberOf('safe')).toBe((await node.height()) - 12n)
})

test('the gateway passes what a chain is asked to the node, and nothing that commands it', async () => {
  const { gateway } = await start()
  const call = async (method: string, params: readonly unknown[] = []) => {
    const response = await fetch(gateway.rpc[BASE] ?? '', {
      method: 'POST',
      body: JSON.stringify({ id: 1, method, params }),
    })
    return response.ok ? response.json() : response.status
  }
  expect(await call('eth_chainId')).toMatchObject({ result: '0x2105' })
  for (const method of ['anvil_setBalance', 'evm_mine', 'eth_sendTransaction', 'eth_sign']) {
    expect(await call(method)).toMatchObject({ error: { code: -32601 } })
  }
  gateway.faults.next('rpc-5xx')
  expect(await call('eth_chainId')).toBe(503)
  gateway.faults.next('rpc-error')
  expect(await call('eth_chainId')).toMatchObject({ error: { code: -32000 } })
})

test.each([-3600, 3600])('blocks follow a gateway whose clock is %i s off', async (seconds) => {
  const { chain, gateway, node } = await start(
    { clockSkew: seconds * 1000 },
    { factories: [CREATE2_FACTORY] },
  )
  const wallet = contractWallet()
  const key = evmPayer()
  for (const { address } of [wallet, key.account]) await chain.faucet(address, '$10')
  const now = Math.floor(Date.now() / 1000) + seconds
  const times = { validAfter: now - 60, validBefore: now + 60 }
  for (const account of [key.account, wallet.counterfactual, wallet.deployed]) {
    const answer = await sendPayment(gateway, await signAt(gateway, account, times))
    expect(decoded(answer, 'PAYMENT-RESPONSE')).toMatchObject({ success: true })
  }
  expect(await node.transfers()).toHaveLength(3)
})

test('reset undoes all that happened on the chain', async () => {
  const { chain, gateway, node, funded } = await start()
  const payer = await funded()
  await payer.pay(ask(gateway.url), chat('hello'))
  await gateway.state.reset()
  expect(await node.transfers()).toEqual([])
  expect(await node.balanceOf(payer.account.address)).toBe(0n)
  await chain.faucet(payer.account.address, '$1')
  expect((await payer.pay(ask(gateway.url), chat('hello'))).status).toBe(200)
})

test('who is paid is given nothing when its balance is asked for, after a reset neither', async () => {
  const payTo = evmPayer().account.address
  const { gateway, node } = await start({ balances: 'unlimited', payTo: { [BASE]: payTo } })
  const rpc = jsonRpc(gateway.rpc[BASE] ?? '')
  const data = `0x70a08231${payTo.slice(2).padStart(64, '0')}`
  for (const prepare of [async () => undefined, gateway.state.reset]) {
    await prepare()
    expect(
      BigInt(String(await rpc('eth_call', [{ to: networkOf(BASE).asset, data }, 'latest']))),
    ).toBe(0n)
    expect(await node.balanceOf(payTo)).toBe(0n)
  }
})

test('a balance is set as it is told', async () => {
  const { gateway, node, funded } = await start()
  const payer = await funded()
  await gateway.state.setBalance(BASE, payer.account.address, '$3')
  expect(await node.balanceOf(payer.account.address)).toBe(3_000_000n)
})

test('what was paid for nothing is given back on chain', async () => {
  const chain = localChain()
  const gateway = await startKey0({}, { chain, networks: [BASE] })
  const payer = evmPayer()
  await chain.faucet(payer.account.address, '$1')
  const asked = { planId: 'basic', requestId: crypto.randomUUID() }
  gateway.faults.next('key0-issuer-fails')
  await access(gateway, asked, await signFor(gateway, payer, asked))
  const node = chain.node(BASE)
  expect(await node.balanceOf(payer.account.address)).toBeLessThan(1_000_000n)
  await gateway.state.advance({ milliseconds: 360_000 })
  expect(challengeOf(gateway).state).toBe('REFUNDED')
  expect(await node.balanceOf(payer.account.address)).toBe(1_000_000n)
})
