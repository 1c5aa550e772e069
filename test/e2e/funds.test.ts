import type { MockGateway } from '@arouter/mock-gateway'
import {
  ARouter,
  type ARouterEvent,
  memoryStore,
  PaymentPolicyError,
  PaymentRejectedError,
  withX402Payment,
} from '@arouter/sdk'
import { createAgentWallet } from '@arouter/sdk/agent'
import { chainFunds } from '@arouter/sdk/funds'
import { Keypair } from '@solana/web3.js'
import { expect, test } from 'vitest'
import { countingAccount, failure, HELLO, startGateway } from '../support/harness'

const BASE = 'eip155:8453'
const SOLANA = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'
type Money = `$${number}`
type Options = Parameters<typeof withX402Payment>[1]

/** A wallet on both chains that holds so much on each, and its client. */
async function holder(held: { readonly base: Money; readonly solana: Money }, more: Options = {}) {
  const gateway = await startGateway({ balances: {} })
  const { account, signed } = countingAccount()
  const keypair = Keypair.generate()
  const onSolana = keypair.publicKey.toBase58()
  await gateway.state.setBalance(BASE, account.address, held.base)
  await gateway.state.setBalance(SOLANA, onSolana, held.solana)
  const events: ARouterEvent[] = []
  const options = {
    evm: { signer: account },
    solana: { signer: keypair },
    store: memoryStore(),
    rpc: gateway.rpc,
    funds: chainFunds(),
    events: (event: ARouterEvent) => events.push(event),
    ...more,
  }
  const client = withX402Payment(new ARouter({ baseURL: gateway.url, maxRetries: 0 }), options)
  const told = (type: ARouterEvent['type']) => events.filter((event) => event.type === type)
  return { gateway, client, options, account, onSolana, signed, told }
}

/** Only the EVM wallet pays: there is one offer for it, and no choice. */
const alone = { solana: undefined as unknown as NonNullable<Options['solana']> }

const asked = (gateway: MockGateway, method: string) => gateway.state.counts().rpc[method] ?? 0

test('an offer that the wallet has not the money for is passed over, and the other one paid', async () => {
  const { gateway, client, account, signed, told } = await holder({ base: '$0.2', solana: '$5' })
  await client.chatCompletion(HELLO)
  expect(gateway.state.payments).toMatchObject([{ network: SOLANA }])
  expect(signed.transfers).toBe(0)
  expect(told('offer-passed-over')).toEqual([
    {
      type: 'offer-passed-over',
      origin: gateway.url,
      reason: `${account.address} holds $0.20 on ${BASE}, $0.80 less than $1.00`,
    },
  ])
})

test('where both can be paid nothing is passed over, and without the option nobody is asked', async () => {
  const rich = await holder({ base: '$5', solana: '$5' })
  await rich.client.chatCompletion(HELLO)
  expect(rich.gateway.state.payments).toMatchObject([{ network: BASE }])
  expect(rich.told('offer-passed-over')).toEqual([])
  expect(asked(rich.gateway, 'eth_call')).toBe(1)

  const plain = await holder({ base: '$5', solana: '$5' })
  const { funds: _, ...options } = plain.options
  const client = withX402Payment(new ARouter({ baseURL: plain.gateway.url }), options)
  await client.chatCompletion(HELLO)
  expect(asked(plain.gateway, 'eth_call')).toBe(0)
  expect(await failure(client.getWalletBalances())).toMatchObject({
    code: 'invalid_option',
    message: expect.stringContaining('chainFunds()'),
  })
})

test('where no offer can be paid the error says how much is missing where, and nothing is signed', async () => {
  const { gateway, client, account, onSolana, signed } = await holder({
    base: '$0',
    solana: '$0.75',
  })
  const error = await failure(client.chatCompletion(HELLO))
  expect(error).toBeInstanceOf(PaymentPolicyError)
  expect(error).toMatchObject({
    code: 'insufficient_funds',
    fundsMoved: 'no',
    message: `There is too little USDC for what is asked for: ${account.address} holds $0.00 on ${BASE}, $1.00 less than $1.00; ${onSolana} holds $0.75 on ${SOLANA}, $0.25 less than $1.00. Funds moved: no, nothing was signed. Send USDC there, and try again.`,
    context: {
      lacking: [
        {
          address: account.address,
          network: BASE,
          amount: '1000000',
          balance: '0',
          missing: '1000000',
        },
        {
          address: onSolana,
          network: SOLANA,
          amount: '1000000',
          balance: '750000',
          missing: '250000',
        },
      ],
    },
  })
  expect([signed.transfers, await client.payments.list()]).toEqual([0, []])
  expect(await failure(client.dryRun())).toMatchObject({ code: 'insufficient_funds' })

  await gateway.state.setBalance(SOLANA, onSolana, '$1')
  await client.chatCompletion(HELLO)
  expect(gateway.state.payments).toMatchObject([{ network: SOLANA }])
})

test('callers of an empty wallet are told by one look at the chain', async () => {
  const { gateway, client } = await holder({ base: '$0', solana: '$0' })
  const calls = Array.from({ length: 20 }, () => failure(client.chatCompletion(HELLO)))
  for (const error of await Promise.all(calls))
    expect(error).toMatchObject({ code: 'insufficient_funds', fundsMoved: 'no' })
  expect(asked(gateway, 'eth_call')).toBeLessThan(20)
})

test('with no choice the chain is asked only once the gateway has refused, and the signature is used later', async () => {
  const { gateway, client, account, signed } = await holder({ base: '$0.4', solana: '$5' }, alone)
  const error = await failure(client.chatCompletion(HELLO))
  expect(error).toBeInstanceOf(PaymentRejectedError)
  expect(error).toMatchObject({
    code: 'insufficient_funds',
    fundsMoved: 'maybe',
    message: expect.stringContaining(`${account.address} holds $0.40 on ${BASE}, $0.60 less`),
    context: { state: 'refused', lacking: [{ network: BASE, missing: '600000' }] },
  })
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({ code: 'insufficient_funds' })
  await gateway.state.setBalance(BASE, account.address, '$1')
  await client.chatCompletion(HELLO)
  expect(gateway.state.payments).toHaveLength(1)
  expect(signed.transfers).toBe(1)
})

test('a refusal for another reason stays one', async () => {
  const { account } = countingAccount()
  const other = { ...account, signTypedData: countingAccount().account.signTypedData }
  const { gateway, client } = await holder(
    { base: '$0', solana: '$0' },
    { ...alone, evm: { signer: other } },
  )
  await gateway.state.setBalance(BASE, account.address, '$5')
  const error = await failure(client.chatCompletion(HELLO))
  expect(error).toMatchObject({ code: 'payment_rejected' })
  expect(asked(gateway, 'eth_call')).toBeGreaterThan(0)
})

test('asked always, the chain is asked where there is no choice either', async () => {
  const funds = chainFunds({ ask: 'always' })
  const poor = await holder({ base: '$0.4', solana: '$5' }, { ...alone, funds })
  expect(await failure(poor.client.chatCompletion(HELLO))).toMatchObject({
    code: 'insufficient_funds',
    fundsMoved: 'no',
  })
  expect(poor.signed.transfers).toBe(0)
  const rich = await holder({ base: '$1', solana: '$0' }, { ...alone, funds })
  await rich.client.chatCompletion(HELLO)
  expect(rich.gateway.state.counts().payments).toBe(1)
  const refused = await holder(
    { base: '$1', solana: '$0' },
    { ...alone, funds, maxPerPayment: '$0.5' },
  )
  expect(await failure(refused.client.chatCompletion(HELLO))).toMatchObject({
    code: 'no_acceptable_offer',
  })
})

test('a top-up that the wallet has not the money for gives way to a smaller one', async () => {
  const { gateway, client, told } = await holder(
    { base: '$2', solana: '$0' },
    { ...alone, topUp: '$5' },
  )
  await client.chatCompletion(HELLO)
  expect(gateway.state.payments).toMatchObject([{ amount: 1_000_000n, network: BASE }])
  expect(told('offer-passed-over')).toHaveLength(1)
})

test.each(['rpc-5xx', 'rpc-error', 'rpc-hang'] as const)(
  'a chain that does not answer (%s) is no empty wallet: the payment is made',
  async (fault) => {
    const { gateway, client, told } = await holder({ base: '$5', solana: '$5' })
    gateway.faults.next(fault, { times: 50 })
    await client.chatCompletion(HELLO)
    expect(gateway.state.counts().payments).toBe(1)
    expect(told('offer-passed-over')).toEqual([])
  },
)

test('a refusal of an empty wallet that the chain does not confirm is just a refusal', async () => {
  const { gateway, client } = await holder({ base: '$0', solana: '$5' }, alone)
  gateway.faults.next('rpc-5xx', { times: 50 })
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({ code: 'payment_rejected' })
})

test('a call that is aborted while the chain is asked signs nothing', async () => {
  const { gateway, client, signed } = await holder({ base: '$5', solana: '$5' })
  gateway.faults.next('rpc-hang', { times: 50 })
  const leave = new AbortController()
  const call = failure(client.chatCompletion(HELLO, { signal: leave.signal }))
  await expect
    .poll(() => asked(gateway, 'eth_call') + gateway.state.requests.length)
    .toBeGreaterThan(0)
  leave.abort()
  expect(await call).toMatchObject({ code: 'aborted' })
  expect(signed.transfers).toBe(0)
})

test('the balances of a client are those of the chain, and what nobody says is not zero', async () => {
  const { gateway, client, options, account, onSolana } = await holder({
    base: '$2.5',
    solana: '$0',
  })
  const usdc = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913'
  const mint = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'
  const base = { address: account.address, network: BASE, asset: usdc }
  const solana = { address: onSolana, network: SOLANA, asset: mint }
  expect(await client.getWalletBalances()).toEqual([
    { ...base, amount: 2_500_000n },
    { ...solana, amount: 0n },
  ])
  const open = (rpc: Record<string, string | string[]>) =>
    withX402Payment(new ARouter({ baseURL: gateway.url }), { ...options, rpc })
  const dead = 'http://127.0.0.1:1'
  expect(await open({ [BASE]: dead }).getWalletBalances()).toEqual([
    { ...base, amount: undefined, unknown: 'rpc_failed' },
    { ...solana, amount: undefined, unknown: 'no_rpc' },
  ])
  const several = { [BASE]: [dead, `${gateway.url}/v1/models`, gateway.rpc[BASE] ?? ''] }
  expect(await open(several).getWalletBalances()).toMatchObject([{ amount: 2_500_000n }, {}])
  const bare = new ARouter({ baseURL: gateway.url })
  expect(await failure(bare.getWalletBalances())).toMatchObject({ code: 'no_wallet' })
})

test('an agent wallet passes over what it has not the money for too', async () => {
  const { gateway, options } = await holder({ base: '$0.2', solana: '$5' })
  const wallet = createAgentWallet({ ...options, origins: [gateway.url] })
  const { funds: _, ...without } = options
  const unasked = createAgentWallet({ ...without, origins: [gateway.url] })
  expect(await failure(unasked.getWalletBalances())).toMatchObject({ code: 'invalid_option' })
  const url = `${gateway.url}/v1/x402/chat?model=gpt-4o&message=Hello`
  expect((await wallet.quote(url))?.intent?.network).toBe(SOLANA)
  expect(await wallet.getWalletBalances()).toMatchObject([
    { network: BASE, amount: 200_000n },
    { network: SOLANA, amount: 5_000_000n },
  ])
  expect((await wallet.fetch(url)).status).toBe(200)
  expect(gateway.state.payments).toMatchObject([{ network: SOLANA }])
})
