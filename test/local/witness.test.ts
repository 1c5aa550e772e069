import { createMockGateway, type MockGatewayOptions } from '@arouter/mock-gateway'
import { localChain } from '@arouter/mock-gateway/local'
import {
  ARouter,
  type ARouterEvent,
  memoryStore,
  type PaymentRecord,
  withX402EvmPayment,
  withX402Payment,
} from '@arouter/sdk'
import { chainFunds } from '@arouter/sdk/funds'
import { verifyReceipt } from '@arouter/sdk/receipt'
import { Keypair } from '@solana/web3.js'
import { expect, onTestFinished, test } from 'vitest'
import {
  CREATE2_FACTORY,
  contractWallet,
} from '../../packages/mock-gateway/src/testing/contractWallet'
import { countingAccount, failure, HELLO, startGateway } from '../support/harness'

const BASE = 'eip155:8453'
const SOLANA = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'

/** A gateway on real chains, and clients of wallets that hold what they are given. */
async function start(options: MockGatewayOptions = {}, open = startGateway) {
  const chain = localChain({ factories: [CREATE2_FACTORY] })
  const gateway = await open({
    chain,
    networks: [BASE],
    topUps: ['$1'],
    balances: {},
    ...options,
  })
  const bare = () => new ARouter({ baseURL: gateway.url, apiKey: '', maxRetries: 0 })
  const check = async (payment: PaymentRecord | undefined) => {
    if (!payment) throw new Error('nothing was paid')
    return verifyReceipt(payment, { rpc: gateway.rpc })
  }
  const payer = async () => {
    const { account, signed } = countingAccount()
    await chain.faucet(account.address, '$5')
    const store = memoryStore()
    const open = () => withX402EvmPayment(bare(), account, { store, rpc: gateway.rpc })
    const last = async () => (await open().payments.list())[0]
    return { account, signed, open, last }
  }
  return { chain, gateway, bare, check, payer, node: chain.node(BASE) }
}

async function withoutBooks(options?: MockGatewayOptions) {
  const gateway = await createMockGateway(options)
  onTestFinished(() => gateway.close())
  return gateway
}

test('a payment on Base is confirmed by its events once it is final, and by no other transaction', async () => {
  const { gateway, node, check, payer } = await start()
  const { account, open, last } = await payer()
  await gateway.state.advance({ blocks: 20 })
  node.setFinality(12)
  await open().chatCompletion(HELLO)
  const first = await last()
  expect(await check(first)).toEqual({
    status: 'pending',
    reasons: ['its block may still be undone'],
  })
  await gateway.state.advance({ blocks: 12 })
  expect(await check(first)).toEqual({ status: 'confirmed', reasons: [] })

  gateway.state.setCredit(account.address, '$0')
  await open().chatCompletion(HELLO)
  await gateway.state.advance({ blocks: 12 })
  const second = await last()
  expect((await check(second)).status).toBe('confirmed')
  if (!first || !second) throw new Error('two payments were to be made')
  expect(await check({ ...second, transaction: first.transaction ?? '' })).toEqual({
    status: 'contradicted',
    reasons: ['the transaction does not use the authorization of this payment'],
  })
  expect((await check({ ...second, amount: 2_000_000n })).status).toBe('contradicted')
})

test('a receipt for a transaction that another one took the place of is not confirmed by the chain', async () => {
  // The gateway's books and the chain's differ by that transaction, as they must.
  const { gateway, check, payer } = await start({}, withoutBooks)
  const { open, last } = await payer()
  gateway.faults.next('tx-replaced')
  await open().chatCompletion(HELLO)
  expect(await check(await last())).toEqual({
    status: 'unknown',
    reasons: ['the payment was made, by another transaction as it seems'],
  })
})

test('what a reorg undid is not confirmed, and is once it has landed again', async () => {
  const { gateway, node, check, payer } = await start()
  const { open, last } = await payer()
  await open().chatCompletion(HELLO)
  expect((await check(await last())).status).toBe('confirmed')
  await node.reorg(1)
  expect((await check(await last())).status).not.toBe('confirmed')
  await gateway.state.advance({ blocks: 1 })
  expect((await check(await last())).status).toBe('confirmed')
})

test('a nonce that a stranger used is a payment that was made: nothing is paid in its place', async () => {
  const { gateway, node, payer } = await start()
  const { account, signed, open, last } = await payer()
  gateway.faults.next('third-party-settles')
  const errors = [
    await failure(open().chatCompletion(HELLO)),
    await failure(open().chatCompletion(HELLO)),
  ]
  expect(errors[1]).toMatchObject({ code: 'paid_but_failed', fundsMoved: 'yes' })
  expect(await last()).toMatchObject({ state: 'settled', settledBy: 'chain' })
  expect(signed.transfers).toBe(1)
  expect(await node.balanceOf(account.address)).toBe(4_000_000n)
})

test('of several servers one that is down does not keep the chain from being heard', async () => {
  const { gateway, bare, payer } = await start({ signIn: 'off' })
  const { account } = await payer()
  const rpc = {
    [BASE]: ['http://127.0.0.1:1', `${gateway.url}/v1/models`, gateway.rpc[BASE] ?? ''],
  }
  const client = withX402EvmPayment(bare(), account, { store: memoryStore(), rpc })
  gateway.faults.next('drop-after-settle')
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({ code: 'paid_but_failed' })
})

test.each(['deployed', 'counterfactual'] as const)(
  'a contract wallet, %s, pays through the SDK, and the chain confirms it (ERC-1271, ERC-6492)',
  async (kind) => {
    const { chain, gateway, bare, check, node } = await start()
    const wallet = contractWallet()
    await chain.faucet(wallet.address, '$1')
    if (kind === 'deployed') {
      const ask = (method: string, params: readonly unknown[]) =>
        fetch(node.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
        })
      const { account } = countingAccount()
      await ask('anvil_setBalance', [account.address, '0xde0b6b3a7640000'])
      await ask('anvil_impersonateAccount', [account.address])
      await ask('eth_sendTransaction', [{ from: account.address, ...wallet.deployment }])
      await node.advance(1)
    }
    const options = { store: memoryStore(), rpc: gateway.rpc, signIn: 'never' } as const
    const client = withX402EvmPayment(bare(), wallet[kind], options)
    await client.chatCompletion(HELLO)
    expect(await node.balanceOf(wallet.address)).toBe(0n)
    const [payment] = await client.payments.list()
    expect(await check(payment)).toEqual({ status: 'confirmed', reasons: [] })
  },
)

test('what wallets hold is read on both chains, and what they cannot pay is passed over', async () => {
  const { chain, gateway, bare } = await start({ networks: [BASE, SOLANA] })
  const { account } = countingAccount()
  const signer = Keypair.generate()
  const events: ARouterEvent[] = []
  const client = withX402Payment(bare(), {
    evm: { signer: account },
    solana: { signer },
    store: memoryStore(),
    rpc: gateway.rpc,
    funds: chainFunds(),
    events: (event) => events.push(event),
  })
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
    code: 'insufficient_funds',
    fundsMoved: 'no',
    context: { lacking: [{ missing: '1000000' }, { missing: '1000000' }] },
  })
  await chain.faucet(signer.publicKey.toBase58(), '$3')
  await chain.faucet(account.address, '$0.25')
  expect(await client.getWalletBalances()).toMatchObject([
    { network: BASE, amount: 250_000n },
    { network: SOLANA, amount: 3_000_000n },
  ])
  await client.chatCompletion(HELLO)
  expect(events).toContainEqual(expect.objectContaining({ type: 'offer-passed-over' }))
  expect(await client.getWalletBalances()).toMatchObject([
    { network: BASE, amount: 250_000n },
    { network: SOLANA, amount: 2_000_000n },
  ])
})
