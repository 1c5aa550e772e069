import { expect, test } from 'vitest'
import { bundleWorker, type Sabotage } from './bundle'
import { PROFILES, type Profile } from './plan'
import { runWorkers } from './runWorkers'
import type { Task } from './Task'

/** Bounded by number and by time: a slow machine runs fewer schedules, and none of them may fail. */
const SCHEDULES = 3_000
const SECONDS = 30

async function run(task: Partial<Task>, sabotage?: Sabotage) {
  const bundle = await bundleWorker(sabotage)
  try {
    const all = {
      from: 0,
      end: SCHEDULES,
      step: 1,
      seconds: SECONDS,
      most: 60,
      platform: 'light',
    } as const
    return await runWorkers(bundle.path, 1, { ...all, ...task })
  } finally {
    await bundle.remove()
  }
}

test('schedules of faults, crashes and races end without a double payment or a unit lost', async () => {
  const { ran, counts, failures } = await run({})
  expect(Object.fromEntries(failures)).toEqual({})
  expect(ran).toBeGreaterThan(50)
  for (const what of ['crash', 'settled late', 'reorg', 'clock jump', 'closed: dead']) {
    expect(counts.get(what), what).toBeGreaterThan(0)
  }
})

test('the same holds on the streams, signals and headers of the platform', async () => {
  const { ran, failures } = await run({ platform: 'real', end: 150, seconds: 6 })
  expect(Object.fromEntries(failures)).toEqual({})
  expect(ran).toBeGreaterThan(5)
})

test.each(PROFILES)('schedules of kind %s can be run alone', async (profile) => {
  const { ran, failures } = await run({ profile, end: 60, seconds: 3 })
  expect(Object.fromEntries(failures)).toEqual({})
  expect(ran).toBeGreaterThan(5)
})

const SABOTAGES: readonly (Sabotage & {
  readonly name: string
  readonly seen: readonly string[]
  readonly profile?: Profile
})[] = [
  {
    name: 'a journal whose claim always succeeds',
    file: 'sdk/src/payment/journal.ts',
    from: 'claimed = standing ?? mine',
    to: 'claimed = mine',
    profile: 'processes',
    seen: ['double payment', 'lost'],
  },
  {
    name: 'a recovery that always says the need is free',
    file: 'sdk/src/payment/recover.ts',
    from: 'let attempt = payment.attempt',
    to: "let attempt = payment.attempt; if (attempt) { await account.journal.close(attempt, { state: 'abandoned' }); return undefined }",
    seen: ['double payment'],
  },
  {
    name: 'a budget that does not count what it reserves',
    file: 'sdk/src/payment/budget.ts',
    from: 'reserved: { ...book.reserved, [id]: amount.toString() }',
    to: 'reserved: { ...book.reserved }',
    seen: ['money not in the budget'],
  },
  {
    name: 'a header that leaves before it is on record',
    file: 'sdk/src/payment/sign.ts',
    from: 'return account.journal.advance(attempt, [',
    to: "const early = { ...attempt, state: 'signed' as const, header: paymentHeader(required, offer, payload, attempt.id), evidence, expiresAt: prepared.expiresAt }; if (attempt) return early; return account.journal.advance(attempt, [",
    seen: ['sent before it was on record'],
  },
  {
    name: 'a payment called dead before the chain says so',
    file: 'sdk/src/payment/recover.ts',
    from: "if (fate === 'dead') {",
    to: "if (fate !== 'settled') {",
    seen: ['called dead'],
  },
  {
    name: 'a bare 402 that is paid with credit left',
    file: 'sdk/src/payment/lead.ts',
    from: 'if (await entered(payer, each, exchange))',
    to: 'if (false as boolean)',
    seen: ['double payment'],
  },
  {
    name: "a 402 to one wallet's token that is taken for one to the other's",
    file: 'sdk/src/payment/lead.ts',
    from: 'const isTold = asked === exchange.turn',
    to: 'const isTold = exchange.token !== undefined',
    profile: 'wallets',
    seen: ['double payment'],
  },
  {
    name: 'a late 402 that is paid though another payment was met',
    file: 'sdk/src/payment/lead.ts',
    from: 'isStillLow ? !(await isStillLow()) : await isStale(payer, account, exchange.turn)',
    to: 'isStillLow ? !(await isStillLow()) : false',
    seen: ['double payment'],
  },
  {
    name: 'a signature for a caller who has gone',
    file: 'sdk/src/payment/sign.ts',
    from: 'throwIfAborted(exchange.signal)\n  const { payload',
    to: 'await sleep(runtime, 5_000)\n  const { payload',
    seen: ['signature after abort'],
  },
  {
    name: 'an error that says no funds moved when they may have',
    file: 'sdk/src/interceptors/funds.ts',
    from: 'if (!payment ||',
    to: 'if (payment || !payment ||',
    seen: ['says no funds moved'],
  },
  {
    name: 'a Solana payment called dead while its blockhash is good',
    file: 'x402-solana/src/readFate.ts',
    from: 'return height > own.lastValidBlockHeight',
    to: 'return height > 0',
    profile: 'solana',
    seen: ['called dead'],
  },
  {
    name: 'an EVM payment called dead while it can be used',
    file: 'x402-evm/src/readFate.ts',
    from: 'quantity(block.timestamp) > question.validBefore',
    to: 'quantity(block.timestamp) > 0n',
    seen: ['called dead'],
  },
  {
    name: 'a top-up that is the smallest there is',
    file: 'sdk/src/payment/choose.ts',
    from: 'const chosen = enough[0] ??',
    to: 'const chosen = fits[0] ?? enough[0] ??',
    seen: ['another amount'],
  },
  {
    name: 'credit bought ahead though there is enough',
    file: 'sdk/src/payment/credit.ts',
    from: 'return balance < Number(mark) / 1e6',
    to: 'return balance < 1e6',
    profile: 'ahead',
    seen: ['double payment'],
  },
  {
    name: "an origin's budget that nobody keeps",
    file: 'sdk/src/payment/engine.ts',
    from: 'return bothBudgets(all,',
    to: 'if (all) return all; return bothBudgets(all,',
    seen: ['signature without reservation'],
  },
  {
    name: 'a payment a second for who takes it and serves nothing',
    file: 'sdk/src/payment/recover.ts',
    from: 'const CALM_MS = 60_000',
    to: 'const CALM_MS = 0',
    seen: ['drained'],
  },
  {
    name: 'a gateway that is believed when it says that a payment failed',
    file: 'sdk/src/payment/lead.ts',
    from: "if (verdict.kind === 'refused') throw",
    to: "if (verdict.kind === 'refused') await release(payer, account, attempt, 'dead', ''); if (verdict.kind === 'refused') throw",
    seen: ['called dead'],
  },
]

test('a schedule that never ends is ended, counts as a failure and does not keep the others', async () => {
  const sabotage = {
    file: 'sdk/src/payment/choose.ts',
    from: 'const verdicts =',
    to: "for (; String(policy.limit) === '20000062'; ) {} const verdicts =",
  }
  const { ran, failures } = await run({ end: 40, most: 1, seconds: 60 }, sabotage)
  expect(failures.get('took over 1 s')?.length).toBeGreaterThan(0)
  expect(ran).toBeGreaterThan(20)
})

test.each(SABOTAGES)(
  'the oracles notice $name',
  async ({ seen, profile, name: _, ...sabotage }) => {
    const { failures } = await run({ end: 6_000, seconds: 100, until: seen, profile }, sabotage)
    const noticed = seen.filter((kind) => failures.has(kind))
    expect(noticed, [...failures.keys()].join()).not.toEqual([])
  },
  120_000,
)
