import type { MockGateway, MockGatewayOptions } from '@arouter/mock-gateway'
import { AuthenticationError, memoryStore, RateLimitError } from '@arouter/sdk'
import type { AgentWalletOptions } from '@arouter/sdk/agent'
import { createAgentWallet } from '@arouter/sdk/agent'
import {
  aixbtCode,
  buyKeyPass,
  getKeyPassInfo,
  type KeyPass,
  KeyPassLimitError,
  keyPassFetch,
} from '@arouter/sdk/aixbt'
import { describe, expect, test, vi } from 'vitest'
import { countingAccount, failure, startGateway } from '../support/harness'
import { plant } from '../support/leaks'

const BASE = 'eip155:8453'
const DAY = 24 * 3_600_000

async function scene(
  aixbt: MockGatewayOptions['aixbt'] = {},
  options: Partial<AgentWalletOptions> = {},
) {
  const gateway = await startGateway({ dialects: ['aixbt'], networks: [BASE], aixbt })
  const { account, signed } = countingAccount()
  const store = { ...memoryStore(), durable: true }
  const open = () =>
    createAgentWallet({
      evm: { signer: account },
      origins: [gateway.url],
      maxPerPayment: '$100',
      budget: { limit: '$150', window: '24h' },
      rpc: gateway.rpc,
      store,
      ...options,
    })
  const saved: KeyPass[] = []
  const save = async (pass: KeyPass) => {
    plant(pass.apiKey)
    saved.push(pass)
  }
  return { gateway, signed, account, store, open, wallet: open(), saved, save }
}

const sales = (gateway: MockGateway) => gateway.state.counts().sales

describe('a key of aixbt', () => {
  test.each([
    ['1d', 10_000_000n, 201],
    ['1w', 50_000_000n, 200],
    ['4w', 100_000_000n, 201],
  ] as const)(
    'for %s is bought for %i, saved, and opens what it is for',
    async (period, amount, keyStatus) => {
      const { gateway, wallet, saved, save, store } = await scene({ keyStatus })
      const baseURL = gateway.url
      const pass = await buyKeyPass(wallet, period, { save, baseURL })
      expect(pass).toMatchObject({
        period,
        scopes: ['mcp', 'projects'],
        rateLimit: { requestsPerMinute: 30, requestsPerDay: 10_000 },
      })
      expect(saved).toEqual([pass])
      expect(gateway.state.sales).toMatchObject([{ dialect: 'aixbt', amount }])
      // What was saved is kept nowhere else.
      const kept = JSON.stringify(await store.list(''))
      expect(kept).not.toContain(pass.apiKey)
      expect(kept).not.toContain(btoa(pass.apiKey).slice(4, 40))
      const info = await getKeyPassInfo(pass.apiKey, { baseURL })
      expect(info).toMatchObject({ type: 'x402', expiresAt: pass.expiresAt })
      const ask = keyPassFetch({ apiKey: pass.apiKey, baseURL })
      expect(ask.limits()).toEqual({ minute: undefined, day: undefined })
      expect((await ask('/v2/projects')).status).toBe(200)
      expect(ask.limits()).toMatchObject({
        minute: { limit: 30, remaining: 28 },
        day: { limit: 10_000, remaining: 9_998, resetsAt: expect.stringMatching(/T00:00:00/) },
      })
    },
  )

  test('is paid for in USDC by terms that do not say in what', async () => {
    const { gateway, wallet, save, saved } = await scene({ telling: 'bare' })
    const pass = await buyKeyPass(wallet, '1d', { save, baseURL: gateway.url })
    expect(saved).toEqual([pass])
    expect(gateway.state.sales).toMatchObject([{ amount: 10_000_000n }])
  })

  test.each([
    ['that leave out all that may be left out', {}, undefined],
    ['for a moment', { maxTimeoutSeconds: 5 }, undefined],
    ['of a network nobody knows', { network: 'eip155:1' }, 'no_acceptable_offer'],
    ['in another token', { asset: `0x${'11'.repeat(20)}` }, 'no_acceptable_offer'],
    ['in a token of another name', { extra: { name: 'USDC' } }, 'no_acceptable_offer'],
    ['whose token is null', { asset: null }, 'no_acceptable_offer'],
  ])('by terms %s is bought, or not', async (_, change, code) => {
    const { gateway, wallet, save, signed } = await scene({ telling: 'bare' })
    const terms = {
      x402Version: 2,
      accepts: [
        {
          scheme: 'exact',
          network: BASE,
          amount: '10000000',
          payTo: `0x${'22'.repeat(20)}`,
          ...change,
        },
        'no offer',
      ],
    }
    const header = btoa(JSON.stringify(terms))
    gateway.faults.next('bad-challenge', { header, body: '{}' })
    const error = await failure(buyKeyPass(wallet, '1d', { save, baseURL: gateway.url }))
    // Its payTo is not aixbt's: what is signed is refused.
    expect(error).toMatchObject({ code: code ?? expect.stringMatching(/^payment_/) })
    expect(signed.transfers).toBe(code ? 0 : 1)
  })

  test('is not paid for by terms that cannot be read', async () => {
    const { gateway, wallet, save, signed } = await scene()
    for (const header of ['no base64 at all!', btoa('{"x402Version":2}')]) {
      gateway.faults.next('bad-challenge', { header, body: '{}' })
      const error = await failure(buyKeyPass(wallet, '1d', { save, baseURL: gateway.url }))
      expect(error).toMatchObject({ code: 'invalid_payment_required', fundsMoved: 'no' })
    }
    expect(signed.transfers).toBe(0)
  })

  test('is bought again under the same order once it was saved', async () => {
    const { gateway, wallet, save, saved } = await scene()
    await buyKeyPass(wallet, '1d', { save, baseURL: gateway.url })
    await buyKeyPass(wallet, '1d', { save, baseURL: gateway.url })
    expect(new Set(saved.map(({ apiKey }) => apiKey)).size).toBe(2)
    expect(sales(gateway)).toBe(2)
  })

  test.each(['the same process', 'another process'])(
    'whose save failed is given again to %s, and paid for once',
    async (where) => {
      const { gateway, wallet, open, save, saved, signed } = await scene()
      const options = { baseURL: gateway.url, order: 'order-1' }
      let key = ''
      const broken = async (pass: KeyPass) => {
        plant(pass.apiKey)
        key = pass.apiKey
        throw new Error(`the vault does not take ${pass.apiKey}`)
      }
      const error = await failure(buyKeyPass(wallet, '1d', { ...options, save: broken }))
      expect(error).toMatchObject({ code: 'key_pass_unsaved', fundsMoved: 'yes' })
      expect(String((error as Error).cause)).toBe('Error: the vault does not take [redacted]')
      const again = where === 'another process' ? open() : wallet
      const pass = await buyKeyPass(again, '1d', { ...options, save })
      expect(pass.apiKey).toBe(key)
      expect(saved).toEqual([pass])
      expect(sales(gateway)).toBe(1)
      expect(signed.transfers).toBe(1)
    },
  )

  test('survives a crash before save, and after it', async () => {
    const { gateway, wallet, open, save, saved, signed } = await scene()
    const options = { baseURL: gateway.url }
    const never = new Promise<never>(() => undefined)
    const crashed = vi.fn(() => never)
    void buyKeyPass(wallet, '1d', { ...options, save: crashed })
    await expect.poll(() => crashed.mock.calls.length).toBe(1)
    // After save, before the answer is forgotten.
    const stuck = { ...open(), forget: () => never }
    void buyKeyPass(stuck, '1d', { ...options, save })
    await expect.poll(() => saved.length).toBe(1)
    const pass = await buyKeyPass(open(), '1d', { ...options, save })
    expect(saved).toEqual([pass, pass])
    expect(signed.transfers).toBe(1)
    expect(sales(gateway)).toBe(1)
  })

  test.each([
    'drop-after-settle',
    'hang-after-settle',
    '5xx-after-settle',
    '402-after-settle',
  ] as const)(
    'that was paid for and lost (%s) is never paid for twice, and all that finds the payment is told',
    async (fault) => {
      const { gateway, wallet, open, save, saved, signed, account } = await scene(
        {},
        { timeout: 500 },
      )
      gateway.faults.next(fault)
      const options = { save, baseURL: gateway.url }
      for (const each of [wallet, open()]) {
        const error = await failure(buyKeyPass(each, '1d', options))
        expect(error).toMatchObject({
          code: 'paid_but_failed',
          fundsMoved: 'yes',
          context: {
            attempt: expect.stringMatching(/^[0-9a-f]{32}$/),
            from: account.address,
            payTo: gateway.state.sales[0]?.payTo,
            amount: '10000000',
            network: BASE,
          },
        })
      }
      expect(signed.transfers).toBe(1)
      expect(sales(gateway)).toBe(1)
      expect(saved).toEqual([])
    },
  )

  test.each(['drop-after-verify', '5xx-after-verify', 'settle-late'] as const)(
    'comes where the seller failed before it settled (%s), for the same signature',
    async (fault) => {
      const { gateway, wallet, save, signed } = await scene()
      gateway.faults.next(fault, fault === 'settle-late' ? { after: 100 } : {})
      await buyKeyPass(wallet, '1d', { save, baseURL: gateway.url })
      expect(signed.transfers).toBe(1)
      expect(sales(gateway)).toBe(1)
    },
  )

  test('is not paid for anew where aixbt answers the payment with a 4xx, which settles nothing', async () => {
    const { gateway, wallet, save, signed } = await scene()
    gateway.faults.next('5xx-after-verify', { status: 400 })
    const error = await failure(buyKeyPass(wallet, '1d', { save, baseURL: gateway.url }))
    expect(error).toMatchObject({
      code: 'payment_unconfirmed',
      statusCode: 400,
      fundsMoved: 'maybe',
    })
    expect(error).toHaveProperty('answer')
    await buyKeyPass(wallet, '1d', { save, baseURL: gateway.url })
    expect(signed.transfers).toBe(1)
    expect(sales(gateway)).toBe(1)
  })

  test('is bought once for fifty calls that want it at the same time, and each saves it', async () => {
    const { gateway, wallet, save, saved } = await scene()
    const buy = () => buyKeyPass(wallet, '1d', { save, baseURL: gateway.url })
    const passes = await Promise.all(Array.from({ length: 50 }, buy))
    expect(new Set(passes.map(({ apiKey }) => apiKey)).size).toBe(1)
    expect(saved).toHaveLength(50)
    expect(sales(gateway)).toBe(1)
  })

  test('is refused where the wallet may not pay so much, and before anything is sent where it makes no sense', async () => {
    const { gateway, wallet, save } = await scene({}, { maxPerPayment: '$5' })
    const baseURL = gateway.url
    const error = await failure(buyKeyPass(wallet, '1d', { save, baseURL }))
    expect(error).toMatchObject({ code: 'no_acceptable_offer', fundsMoved: 'no' })
    const requests = gateway.state.counts().requests
    for (const wrong of [
      buyKeyPass(wallet, '2d' as '1d', { save, baseURL }),
      buyKeyPass(wallet, '1d', { baseURL } as never),
      buyKeyPass(wallet, '1d', { save, baseURL, order: 'x'.repeat(201) }),
    ]) {
      expect(await failure(wrong)).toMatchObject({ code: 'invalid_option' })
    }
    expect(await failure(buyKeyPass(wallet, '1d', { save }))).toMatchObject({
      code: 'origin_not_allowed',
    })
    expect(gateway.state.counts().requests).toBe(requests)
  })
})

describe('a fetch with a key', () => {
  test('goes to aixbt alone, with the key in one header, and follows no redirect', async () => {
    const { gateway, wallet, save } = await scene()
    const other = await startGateway()
    const { apiKey } = await buyKeyPass(wallet, '1d', { save, baseURL: gateway.url })
    const ask = keyPassFetch({ apiKey, baseURL: gateway.url })
    expect(await failure(ask(`${other.url}/v2/projects`))).toMatchObject({ code: 'cross_origin' })
    gateway.faults.next('redirect', { location: `${other.url}/v2/projects` })
    expect(await failure(ask('/v2/projects'))).toMatchObject({ code: 'redirect_refused' })
    expect(other.state.counts().requests).toBe(0)
    const answer = await ask(new Request(`${gateway.url}/v2/projects?limit=1`))
    expect((await answer.json()).data).toHaveLength(1)
  })

  test('tells what aixbt refuses by its code, and never the key', async () => {
    const { gateway, wallet, save } = await scene()
    const { apiKey } = await buyKeyPass(wallet, '1d', { save, baseURL: gateway.url })
    const ask = keyPassFetch({ apiKey, baseURL: gateway.url })
    const unknown = keyPassFetch({ apiKey: 'unknown-key-of-nobody', baseURL: gateway.url })
    const invalid = await failure(unknown('/v2/projects'))
    expect(invalid).toBeInstanceOf(AuthenticationError)
    expect(aixbtCode(invalid)).toBe('INVALID_API_KEY')
    const agents = await failure(ask('/v2/agents/indigo', { method: 'POST' }))
    expect(aixbtCode(agents)).toBe('AGENT_API_NOT_AVAILABLE')
    expect(agents).toMatchObject({ statusCode: 403, fundsMoved: 'no' })
    expect((await ask('/nowhere')).status).toBe(404)
    await gateway.state.advance({ milliseconds: DAY })
    const over = await failure(ask('/v2/projects'))
    expect(aixbtCode(over)).toBe('API_KEY_EXPIRED')
    expect(aixbtCode(await failure(getKeyPassInfo(apiKey, { baseURL: gateway.url })))).toBe(
      'API_KEY_EXPIRED',
    )
    expect(aixbtCode(new Error('other'))).toBeUndefined()
  })

  test('refuses on a used up day at once, and sends nothing until it is over', async () => {
    const { gateway, wallet, save } = await scene({ limits: { minute: 5, day: 1 } })
    const { apiKey } = await buyKeyPass(wallet, '1w', { save, baseURL: gateway.url })
    const ask = keyPassFetch({ apiKey, baseURL: gateway.url })
    await ask('/v2/projects')
    const error = await failure(ask('/v2/projects'))
    const requests = gateway.state.counts().requests
    expect(error).toBeInstanceOf(KeyPassLimitError)
    expect(error).toBeInstanceOf(RateLimitError)
    expect(error).toMatchObject({ code: 'rate_limit_exceeded', limitType: 'day' })
    const { endsAt, retryAfter } = error as KeyPassLimitError
    expect(new Date(Date.parse(endsAt) + 500).toISOString()).toMatch(/T00:00:0/)
    expect(retryAfter).toBeLessThanOrEqual(86_400)
    await failure(ask('/v2/projects'))
    expect(gateway.state.counts().requests).toBe(requests)
  })

  test('waits for a minute to end, unless its caller goes or it takes too long', async () => {
    const { gateway, wallet, save } = await scene()
    const { apiKey } = await buyKeyPass(wallet, '1d', { save, baseURL: gateway.url })
    gateway.faults.next('429-before')
    const ask = keyPassFetch({ apiKey, baseURL: gateway.url })
    expect((await ask('/v2/projects')).status).toBe(200)
    const hasty = keyPassFetch({ apiKey, baseURL: gateway.url, maxWait: 500 })
    gateway.faults.next('429-before')
    expect(await failure(hasty('/v2/projects'))).toMatchObject({ limitType: 'minute' })
    gateway.faults.next('429-before', { retryAfter: '30' })
    const signal = AbortSignal.timeout(200)
    expect(await failure(ask('/v2/projects', { signal }))).toMatchObject({ code: 'aborted' })
  })
})

describe('a key that is renewed', () => {
  const vault = (save: (pass: KeyPass) => Promise<void>) => {
    let pass: KeyPass | undefined
    const passes = {
      load: async () => pass,
      save: async (bought: KeyPass) => {
        await save(bought)
        pass = bought
      },
    }
    const put = (change: Partial<KeyPass>) => {
      if (pass) pass = { ...pass, ...change }
    }
    return { passes, put }
  }
  const soon = () => new Date(Date.now() + 60_000).toISOString()

  test('is bought where there is none, once for all who ask', async () => {
    const { gateway, wallet, save } = await scene()
    const { passes } = vault(save)
    const renew = { period: '1d', before: '1h' } as const
    const ask = keyPassFetch({ passes, wallet, renew, baseURL: gateway.url })
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask('/v2/projects')))
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
    expect(sales(gateway)).toBe(1)
  })

  test('is bought before its end, once for all processes that share a vault and a store', async () => {
    const { gateway, wallet, open, save } = await scene()
    const { passes, put } = vault(save)
    const renew = { period: '1d', before: '1h' } as const
    const first = keyPassFetch({ passes, wallet, renew, baseURL: gateway.url })
    await first('/v2/projects')
    put({ expiresAt: soon() })
    const processes = Array.from({ length: 3 }, () =>
      keyPassFetch({ passes, wallet: open(), renew, baseURL: gateway.url }),
    )
    const answers = await Promise.all(processes.map((ask) => ask('/v2/projects')))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(sales(gateway)).toBe(2)
  })

  test('goes on being used where the budget allows no other, until it ends', async () => {
    const { gateway, wallet, save } = await scene({}, { budget: { limit: '$10', window: '24h' } })
    const { passes, put } = vault(save)
    const failures: unknown[] = []
    const renew = {
      period: '1d',
      before: '1h',
      onFailure: (error: unknown) => failures.push(error),
    } as const
    const start = () => keyPassFetch({ passes, wallet, renew, baseURL: gateway.url })
    await start()('/v2/projects')
    put({ expiresAt: soon() })
    const ask = start()
    expect((await ask('/v2/projects')).status).toBe(200)
    expect((await ask('/v2/projects')).status).toBe(200)
    expect(failures).toMatchObject([{ code: 'budget_exceeded' }])
    put({ expiresAt: new Date(Date.now() - 1).toISOString() })
    expect(await failure(start()('/v2/projects'))).toMatchObject({ code: 'budget_exceeded' })
    expect(sales(gateway)).toBe(1)
  })

  test('is replaced where aixbt says that it has ended, and by what another process has saved', async () => {
    const { gateway, wallet, save } = await scene()
    const { passes, put } = vault(save)
    const renew = { period: '1d', before: '1h' } as const
    const ask = keyPassFetch({ passes, wallet, renew, baseURL: gateway.url })
    await ask('/v2/projects')
    const { apiKey } = await buyKeyPass(wallet, '4w', { save, baseURL: gateway.url })
    await gateway.state.advance({ milliseconds: DAY })
    put({ apiKey })
    expect((await ask('/v2/projects')).status).toBe(200)
    expect(sales(gateway)).toBe(2)
    // A key that has not ended by its own word is not bought anew.
    put({ apiKey: 'unknown-key-of-nobody' })
    const late = keyPassFetch({ passes, wallet, renew, baseURL: gateway.url })
    expect(aixbtCode(await failure(late('/v2/projects')))).toBe('INVALID_API_KEY')
    expect(sales(gateway)).toBe(2)
  })

  test('is told to be in ways that can end', async () => {
    const { wallet, save } = await scene()
    const { passes } = vault(save)
    const apiKey = 'some-key-of-somebody'
    for (const wrong of [
      {},
      { apiKey: 'short' },
      { apiKey, passes },
      { passes, wallet },
      { apiKey, wallet, renew: { period: '1d', before: '1h' } },
      { passes, wallet, renew: { period: '1d', before: '1d' } },
      { passes, wallet, renew: { period: '2d', before: '1h' } },
    ] as Parameters<typeof keyPassFetch>[0][]) {
      expect(() => keyPassFetch(wrong)).toThrow(expect.objectContaining({ code: 'invalid_option' }))
    }
    const none = keyPassFetch({ passes })
    expect(await failure(none('/v2/projects'))).toMatchObject({ code: 'invalid_option' })
  })
})
