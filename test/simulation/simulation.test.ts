import { expect, test } from 'vitest'
import { bundleWorker, type Sabotage } from './bundle'
import { PROFILES, type Profile } from './plan'
import { runWorkers } from './runWorkers'
import type { Task } from './Task'

/** Bounded by number and by time: a slow machine runs fewer schedules, and none of them may fail. */
const SCHEDULES = 3_000
const SECONDS = 12

async function run(task: Partial<Task>, sabotage?: Sabotage) {
  const bundle = await bundleWorker(sabotage)
  try {
    const all = { from: 0, end: SCHEDULES, step: 1, seconds: SECONDS, platform: 'light' } as const
    return await runWorkers(bundle.path, 1, { ...all, ...task })
  } finally {
    await bundle.remove()
  }
}

test('schedules of faults, crashes and races end without a double payment or a unit lost', async () => {
  const { ran, counts, failures, whole } = await run({})
  expect(whole).toBe(true)
  expect(Object.fromEntries(failures)).toEqual({})
  expect(ran).toBeGreaterThan(50)
  for (const what of ['crash', 'settled late', 'reorg', 'clock jump', 'closed: dead']) {
    expect(counts.get(what), what).toBeGreaterThan(0)
  }
})

test('the same holds on the streams, signals and headers of the platform', async () => {
  const { ran, failures, whole } = await run({ platform: 'real', end: 150, seconds: 6 })
  expect(whole).toBe(true)
  expect(Object.fromEntries(failures)).toEqual({})
  expect(ran).toBeGreaterThan(5)
})

test.each(PROFILES)('schedules of kind %s can be run alone', async (profile) => {
  const { ran, failures, whole } = await run({ profile, end: 60, seconds: 3 })
  expect(whole).toBe(true)
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
    file: 'payment/journal.ts',
    from: '(read(current) ? current : write(attempt))',
    to: 'write(attempt)',
    profile: 'processes',
    seen: ['double payment', 'lost'],
  },
  {
    name: 'a recovery that always says the need is free',
    file: 'payment/recover.ts',
    from: 'let attempt = payment.attempt',
    to: "let attempt = payment.attempt; if (attempt) { await account.journal.close(attempt, { state: 'abandoned' }); return undefined }",
    seen: ['double payment'],
  },
  {
    name: 'a budget that does not count what it reserves',
    file: 'payment/budget.ts',
    from: 'reserved: { ...book.reserved, [id]: amount.toString() }',
    to: 'reserved: { ...book.reserved }',
    seen: ['money not in the budget'],
  },
  {
    name: 'a header that leaves before it is on record',
    file: 'payment/sign.ts',
    from: 'return account.journal.advance(attempt, [',
    to: "const early = { ...attempt, state: 'signed' as const, header: paymentHeader(required, offer, payload), evidence, expiresAt: prepared.expiresAt }; if (attempt) return early; return account.journal.advance(attempt, [",
    seen: ['sent before it was on record'],
  },
  {
    name: 'a payment called dead before the chain says so',
    file: 'payment/recover.ts',
    from: "if (fate === 'dead') {",
    to: "if (fate !== 'settled') {",
    seen: ['called dead'],
  },
  {
    name: 'a bare 402 that is paid with credit left',
    file: 'payment/lead.ts',
    from: 'if (!exchange.token && (await entered(payer, account, exchange)))',
    to: 'if (false as boolean)',
    seen: ['double payment'],
  },
  {
    name: 'a late 402 that is paid though another payment was met',
    file: 'payment/lead.ts',
    from: 'if (await isStale(payer, account, exchange))',
    to: 'if (false as boolean)',
    seen: ['double payment'],
  },
  {
    name: 'a signature for a caller who has gone',
    file: 'payment/sign.ts',
    from: 'throwIfAborted(exchange.signal)\n  const { payload',
    to: 'await sleep(runtime, 5_000)\n  const { payload',
    seen: ['signature after abort'],
  },
  {
    name: 'an error that says no funds moved when they may have',
    file: 'payment/lead.ts',
    from: "if (!isOut || !isARouterError(error) || error.fundsMoved !== 'no') return error",
    to: 'if (!isOut || error) return error',
    seen: ['says no funds moved'],
  },
]

test.each(SABOTAGES)(
  'the oracles notice $name',
  async ({ seen, profile, name: _, ...sabotage }) => {
    const { failures } = await run({ end: 6_000, seconds: 100, until: seen, profile }, sabotage)
    const noticed = seen.filter((kind) => failures.has(kind))
    expect(noticed, [...failures.keys()].join()).not.toEqual([])
  },
  120_000,
)
