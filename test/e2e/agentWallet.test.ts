import { memoryStore, PaymentUnconfirmedError } from '@arouter/sdk'
import { type AgentWalletOptions, createAgentWallet } from '@arouter/sdk/agent'
import { createKeyPairSignerFromPrivateKeyBytes } from '@solana/kit'
import type { PaymentRequirements } from '@x402/core/types'
import { ExactEvmScheme } from '@x402/evm'
import { expect, test, vi } from 'vitest'
import { countingAccount, failure, startGateway } from '../support/harness'
import { BASE, expressSeller, honoSeller, SOLANA } from '../support/sellers'

const key = () => crypto.getRandomValues(new Uint8Array(32))

type Opened = Partial<AgentWalletOptions> & Pick<AgentWalletOptions, 'origins'>

/** A new wallet of one chain. */
async function walletOn(network: typeof BASE | typeof SOLANA, gateway: Gateway, options: Opened) {
  const rpc = { [network]: gateway.rpc[network] ?? '' }
  const evm = countingAccount().account
  const solana = await createKeyPairSignerFromPrivateKeyBytes(key())
  const isEvm = network === BASE
  // A seller that has the facilitator to itself is paid from what a wallet holds.
  await gateway.state.setBalance(network, (isEvm ? evm : solana).address, '$100')
  const signer = isEvm ? { evm: { signer: evm } } : { solana: { signer: solana } }
  const open = () => createAgentWallet({ store: memoryStore(), rpc, ...signer, ...options })
  return { wallet: open(), restart: open }
}
type Gateway = Awaited<ReturnType<typeof startGateway>>

const chains = [BASE, SOLANA] as const

test.each([
  ['@x402/hono', BASE, honoSeller],
  ['@x402/hono', SOLANA, honoSeller],
  ['@x402/express', BASE, expressSeller],
  ['@x402/express', SOLANA, expressSeller],
] as const)('a seller of %s is paid on %s', async (_, network, start) => {
  const gateway = await startGateway()
  const { url, sold } = await start(gateway, network)
  const { wallet } = await walletOn(network, gateway, { origins: [url] })
  expect(await wallet.quote(`${url}/joke`)).toMatchObject({ intent: { amount: 10_000n, network } })
  const answer = await wallet.fetch(`${url}/joke`)
  expect(await answer.json()).toEqual({ joke: 1 })
  expect(sold).toHaveLength(1)
  const [payment, ...others] = await wallet.payments.list()
  expect(others).toEqual([])
  expect(payment).toMatchObject({ state: 'settled', amount: 10_000n, network })
  expect(payment?.transaction).toMatch(/^\w{40,}$/)
})

test.each([
  ['@x402/hono', honoSeller],
  ['@x402/express', expressSeller],
] as const)(
  'what a seller of %s answers of its own to a payment is told, and settles nothing',
  async (_, start) => {
    const gateway = await startGateway()
    const settled = vi.spyOn(gateway.facilitator, 'settle')
    const { url } = await start(gateway, BASE)
    const { wallet } = await walletOn(BASE, gateway, { origins: [url] })
    const error = await failure(wallet.fetch(`${url}/song`))
    expect(error).toMatchObject({
      code: 'payment_unconfirmed',
      statusCode: 404,
      fundsMoved: 'maybe',
    })
    if (!(error instanceof PaymentUnconfirmedError)) throw error
    expect(await error.answer?.().json()).toEqual({ error: 'no such song' })
    expect(await wallet.budget.status()).toMatchObject([{ reserved: 10_000n, spent: 0n }])
    expect(settled).not.toHaveBeenCalled()
    // Another request is not held up by it.
    expect((await wallet.fetch(`${url}/joke`)).status).toBe(200)
  },
)

test.each(chains)('a seller of x402 v1 is paid on %s', async (network) => {
  const gateway = await startGateway({
    dialects: ['x402'],
    networks: [network],
    x402: { version: 1 },
  })
  const { wallet } = await walletOn(network, gateway, { origins: [gateway.url] })
  const answer = await wallet.fetch(`${gateway.url}/weather`)
  expect(await answer.json()).toMatchObject({ path: '/weather' })
  expect(await wallet.payments.list()).toMatchObject([{ state: 'settled', network }])
})

test('an answer that is lost is asked for with the same signature, and given to it alone', async () => {
  const gateway = await startGateway({
    dialects: ['x402'],
    x402: { paymentIdentifier: 'required' },
  })
  gateway.faults.next('drop-after-settle')
  const { wallet } = await walletOn(BASE, gateway, { origins: [gateway.url] })
  const answer = await wallet.fetch(`${gateway.url}/weather`)
  expect(await answer.json()).toMatchObject({ path: '/weather' })
  expect(gateway.state.sales).toHaveLength(1)
})

test('a seller that keeps no answers is paid once, and what it took is told', async () => {
  const gateway = await startGateway({ dialects: ['x402'] })
  gateway.faults.next('drop-after-settle')
  const { wallet, restart } = await walletOn(BASE, gateway, {
    origins: [gateway.url],
    store: { ...memoryStore(), durable: true },
  })
  const url = `${gateway.url}/weather`
  const error = await failure(wallet.fetch(url))
  expect(error).toMatchObject({ code: 'paid_but_failed', fundsMoved: 'yes' })
  expect(await failure(restart().fetch(url))).toMatchObject({ code: 'paid_but_failed' })
  expect(gateway.state.sales).toHaveLength(1)
  const [payment] = await wallet.payments.reconcile()
  await wallet.payments.writeOff(payment?.id ?? '')
  expect((await restart().fetch(url)).status).toBe(200)
})

test('a hundred calls for one order buy it once', async () => {
  const gateway = await startGateway({ dialects: ['x402'] })
  const { wallet } = await walletOn(BASE, gateway, { origins: [gateway.url] })
  const order = { idempotencyKey: 'order-1' }
  const answers = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const answer = await wallet.fetch(`${gateway.url}/weather`, order)
      return (await answer.json()).ticket
    }),
  )
  expect(new Set(answers).size).toBe(1)
  expect(gateway.state.sales).toHaveLength(1)
})

test('an official scheme pays, within the limits of the wallet', async () => {
  const gateway = await startGateway({ dialects: ['x402'] })
  const { account } = countingAccount()
  const usdc = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913'
  const scheme = { client: new ExactEvmScheme(account), network: BASE, address: account.address }
  const open = (assets: readonly string[], maxPerPayment: `$${number}`) =>
    createAgentWallet({
      schemes: [{ ...scheme, assets }],
      origins: [gateway.url],
      store: memoryStore(),
      maxPerPayment,
    })
  const url = `${gateway.url}/weather`
  for (const wallet of [open([usdc], '$0.001'), open([account.address], '$1')]) {
    expect(await failure(wallet.fetch(url))).toMatchObject({ code: 'no_acceptable_offer' })
  }
  expect((await open([usdc], '$1').fetch(url)).status).toBe(200)
  expect(gateway.state.sales).toMatchObject([{ amount: 10_000n, payer: account.address }])
})

test('an official scheme that signs another payment than the approved one is not heard', async () => {
  const gateway = await startGateway({ dialects: ['x402'] })
  const { account } = countingAccount()
  const official = new ExactEvmScheme(account)
  const client = {
    scheme: 'exact',
    createPaymentPayload: (version: number, required: PaymentRequirements) =>
      official.createPaymentPayload(version, { ...required, amount: '9000000' }),
  }
  const assets = ['0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913']
  const wallet = createAgentWallet({
    schemes: [{ client, network: BASE, address: account.address, assets }],
    origins: [gateway.url],
    store: memoryStore(),
  })
  const error = await failure(wallet.fetch(`${gateway.url}/weather`))
  expect(error).toMatchObject({ code: 'wallet_failed', fundsMoved: 'no' })
  expect(gateway.state.sales).toEqual([])
})
