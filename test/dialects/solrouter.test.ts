import { randomBytes } from 'node:crypto'
import type { MockGateway, MockGatewayOptions } from '@arouter/mock-gateway'
import { InsufficientCreditsError, memoryStore } from '@arouter/sdk'
import { type AgentWalletOptions, createAgentWallet } from '@arouter/sdk/agent'
import { SolRouter, solrouterCode } from '@arouter/sdk/solrouter'
import { Keypair } from '@solana/web3.js'
import { describe, expect, test } from 'vitest'
import { failure, startGateway } from '../support/harness'
import { plant } from '../support/leaks'

const SOLANA = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'
const bytes = (length: number) => randomBytes(length).toString('base64')
const envelope = () => ({
  ciphertext: bytes(96),
  nonce: bytes(16),
  publicKey: bytes(32),
  algorithm: 'Arcium-RescueCipher',
  version: '2.0-packed31',
})
const question = () => ({ encryptedPrompt: envelope(), model: 'nosana:gpt-oss:20b' })

async function scene(
  solrouter: MockGatewayOptions['solrouter'] = {},
  options: Partial<AgentWalletOptions> = {},
) {
  const gateway = await startGateway({ dialects: ['solrouter'], networks: [SOLANA], solrouter })
  const signer = Keypair.generate()
  const store = { ...memoryStore(), durable: true }
  const open = () => {
    const wallet = createAgentWallet({
      solana: { signer },
      origins: [gateway.url],
      rpc: gateway.rpc,
      store,
      ...options,
    })
    return { wallet, client: SolRouter({ wallet, baseURL: gateway.url }) }
  }
  return { gateway, open, address: signer.publicKey.toBase58(), ...open() }
}

const sales = (gateway: MockGateway) => gateway.state.counts().sales

describe('a chat that a wallet pays for', () => {
  test.each([1, 2] as const)(
    'is bought in x402 v%i for the price the 402 asks, whatever the manifest says',
    async (version) => {
      const { gateway, client, address } = await scene({ version, prices: { chat: '$0.03' } })
      const { resources } = await client.discover()
      expect(resources).toContainEqual({
        method: 'POST',
        path: '/api/v1/x402/chat/completions',
        price: '$0.03',
      })
      const asked = question()
      expect(await client.chat(asked)).toMatchObject({ encryptedResponse: asked.encryptedPrompt })
      expect(gateway.state.sales).toMatchObject([
        {
          dialect: 'solrouter',
          network: SOLANA,
          payer: address,
          amount: 30_000n,
          delivered: 'chat',
        },
      ])
      expect((await client.models()).data).toContainEqual(
        expect.objectContaining({ id: 'gpt-oss:20b' }),
      )
    },
  )

  test('is bought each time it is asked for, and once where it has a name', async () => {
    const { gateway, client, open } = await scene()
    const asked = question()
    await client.chat(asked)
    await client.chat(asked)
    expect(sales(gateway)).toBe(2)
    const named = { idempotencyKey: 'question-1' }
    const first = await client.chat(asked, named)
    expect(await open().client.chat(asked, named)).toEqual(first)
    expect(sales(gateway)).toBe(3)
    expect(await failure(client.chat(question(), named))).toMatchObject({
      code: 'idempotency_key_reused',
    })
  })

  test('is bought once by ten who ask the same at the same time', async () => {
    const { gateway, client } = await scene()
    const asked = question()
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.chat(asked)))
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(sales(gateway)).toBe(1)
  })

  test.each(['drop-after-settle', '5xx-after-settle', '402-after-settle'] as const)(
    'that was paid for and lost (%s) is not paid for twice, nor after a restart',
    async (fault) => {
      const { gateway, client, open, address } = await scene()
      gateway.faults.next(fault)
      const asked = question()
      for (const each of [client, open().client]) {
        expect(await failure(each.chat(asked))).toMatchObject({
          code: 'paid_but_failed',
          fundsMoved: 'yes',
          context: { from: address, amount: '20000', payTo: gateway.state.sales[0]?.payTo },
        })
      }
      expect(sales(gateway)).toBe(1)
    },
  )

  test.each(['drop-after-verify', '5xx-after-verify'] as const)(
    'comes for the same signature where the seller failed before it settled (%s)',
    async (fault) => {
      const { gateway, client } = await scene()
      gateway.faults.next(fault)
      await client.chat(question())
      expect(sales(gateway)).toBe(1)
    },
  )

  test('is refused where it costs more than the wallet may pay, or is of an origin that it was not told', async () => {
    const { gateway, client } = await scene({}, { maxPerPayment: '$0.01' })
    expect(await failure(client.chat(question()))).toMatchObject({
      code: 'no_acceptable_offer',
      fundsMoved: 'no',
    })
    expect(sales(gateway)).toBe(0)
    const other = await scene()
    const wallet = createAgentWallet({
      solana: { signer: Keypair.generate() },
      origins: ['https://other.test'],
    })
    const astray = SolRouter({ wallet, baseURL: other.gateway.url })
    expect(await failure(astray.chat(question()))).toMatchObject({ code: 'origin_not_allowed' })
  })

  test('that cannot be answered is not charged, and holds up nothing else', async () => {
    const { gateway, client } = await scene()
    const error = await failure(client.chat({ ...question(), model: 'unknown' }))
    expect(error).toMatchObject({ code: 'payment_unconfirmed', fundsMoved: 'maybe' })
    expect(sales(gateway)).toBe(0)
    await client.chat(question())
    expect(sales(gateway)).toBe(1)
  })

  test('of a wallet that is not served costs it nothing', async () => {
    const signer = Keypair.generate()
    const sanctioned = [signer.publicKey.toBase58()]
    const { gateway, client } = await scene({ sanctioned }, { solana: { signer } })
    expect(await failure(client.chat(question()))).toMatchObject({ code: 'payment_unconfirmed' })
    expect(sales(gateway)).toBe(0)
  })
})

describe('an API key of Solrouter', () => {
  const member = async (balance: `$${string}`, freeMessages: number) => {
    const apiKey = `sk_solrouter_${randomBytes(16).toString('hex')}`
    plant(apiKey)
    const keys = { [apiKey]: { balance, freeMessages } }
    const gateway = await startGateway({ dialects: ['solrouter'], solrouter: { keys } })
    return { gateway, client: SolRouter({ apiKey, baseURL: gateway.url }) }
  }

  test('asks the agent until a deposit is needed', async () => {
    const { client, gateway } = await member('$0.02', 1)
    expect(await client.agent({ prompt: 'hello' })).toMatchObject({
      reply: 'hello',
      freeMessagesRemaining: 0,
    })
    const sealed = envelope()
    expect(await client.agent({ encryptedPrompt: sealed })).toMatchObject({
      encrypted: true,
      encryptedResponse: sealed,
    })
    const error = await failure(client.agent({ prompt: 'hello' }))
    expect(error).toBeInstanceOf(InsufficientCreditsError)
    expect(solrouterCode(error)).toBe('free_trial_exhausted')
    expect(await client.usage()).toMatchObject({ calls: 2, spent_usdc: 0.02 })
    expect(await client.balance()).toEqual({ balance_usdc: 0, balance_formatted: '$0' })
    expect(sales(gateway)).toBe(0)
  })

  test('is debited for a chat, and told when that cannot be', async () => {
    const { client } = await member('$0.03', 0)
    const asked = question()
    expect(await client.chat(asked)).toMatchObject({ encryptedResponse: asked.encryptedPrompt })
    const error = await failure(client.chat(asked))
    expect(error).toMatchObject({ code: 'insufficient_credits', fundsMoved: 'no' })
    expect(solrouterCode(error)).toBe('insufficient_funds')
  })

  test('that is not known, and a server in trouble, are told as such', async () => {
    const { gateway } = await member('$1', 0)
    const apiKey = `sk_solrouter_${'x'.repeat(20)}`
    const client = SolRouter({ apiKey, baseURL: gateway.url })
    const unknown = await failure(client.agent({ prompt: 'hello' }))
    expect(unknown).toMatchObject({ code: 'authentication_error' })
    expect(solrouterCode(unknown)).toBe('unauthorized')
    gateway.faults.next('5xx-before', { status: 502 })
    expect(solrouterCode(await failure(client.agent({ prompt: 'hello' })))).toBe('tee_unreachable')
  })
})
