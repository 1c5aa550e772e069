import { expect, test } from 'vitest'
import { bundleWorker, type Sabotage } from '../bundle'
import { runWorkers } from '../runWorkers'
import type { Task } from '../Task'
import { SYSTEMS, type SystemName } from './plan'

/** Bounded by number and by time: a slow machine runs fewer schedules, and none of them may fail. */
const SCHEDULES = 1_500
const SECONDS = 30

async function run(system: SystemName, task: Partial<Task>, sabotage?: Sabotage) {
  const bundle = await bundleWorker(sabotage, './sellers/worker.ts')
  const all = { from: 0, end: SCHEDULES, step: 1, seconds: SECONDS, most: 60, platform: 'light' }
  try {
    return await runWorkers(bundle.path, 1, { ...all, profile: system, ...task } as Task)
  } finally {
    await bundle.remove()
  }
}

/** What must have happened for a run at a system to prove anything. */
const HAPPENS: Readonly<Record<SystemName, readonly string[]>> = {
  x402: ['served', 'paid_but_failed', 'terms changed: thief'],
  aixbt: ['key saved', 'used a key', 'key_pass_unsaved', 'paid_but_failed'],
  key0: ['served', 'used access', 'refund', 'paid_but_failed'],
  solrouter: ['served', 'answer_refused', 'insufficient_credits', 'paid_but_failed'],
}

test.each(SYSTEMS)(
  'at %s one payment is made for a need, and nothing bought is lost',
  async (system) => {
    const { ran, counts, failures } = await run(system, {})
    expect(Object.fromEntries(failures)).toEqual({})
    expect(ran).toBeGreaterThan(50)
    for (const what of ['crash', 'store_failed', 'approval_denied', ...HAPPENS[system]]) {
      expect(counts.get(what), what).toBeGreaterThan(0)
    }
  },
)

test.each(SYSTEMS)('at %s the same holds on the streams of the platform', async (system) => {
  const { ran, failures } = await run(system, { platform: 'real', end: 150, seconds: 5 })
  expect(Object.fromEntries(failures)).toEqual({})
  expect(ran).toBeGreaterThan(5)
})

type Sabotaged = Sabotage & { readonly name: string; readonly seen: readonly string[] }

const SABOTAGES: Readonly<Record<SystemName, readonly Sabotaged[]>> = {
  x402: [
    {
      name: 'what was paid for and has not come is paid for again',
      file: 'sdk/src/payment/recover.ts',
      from: 'if (payer.need) throw paidButFailed(attempt, 402)',
      to: 'if (payer.need) return used()',
      seen: ['double payment'],
    },
    {
      name: 'a need that was named ends with its answer',
      file: 'sdk/src/payment/singleNeed.ts',
      from: "if (need.answer === 'kept') await keep(",
      to: 'if (false as boolean) await keep(',
      seen: ['double payment', 'another answer'],
    },
    {
      name: 'a need ends before its answer has come',
      file: 'sdk/src/payment/handOver.ts',
      from: '  let size = 0',
      to: '  let size = 0; await onEnd(undefined)',
      seen: ['double payment', 'lost'],
    },
    {
      name: 'anybody may be paid',
      file: 'sdk/src/payment/choose.ts',
      from: 'if (known && ',
      to: 'if (!known && ',
      seen: ['signed other terms'],
    },
    {
      name: 'nobody is asked',
      file: 'sdk/src/payment/sign.ts',
      from: 'if (approved === true) return',
      to: 'if (approved !== undefined) return',
      seen: ['signed what nobody agreed to'],
    },
  ],
  aixbt: [
    {
      name: 'a key is forgotten before it was saved',
      file: 'sdk/src/dialects/aixbt/buyKeyPass.ts',
      from: '    await keep(save, pass, purchase.key)',
      to: '    await forget(crowd); await keep(save, pass, purchase.key)',
      seen: ['double payment', 'lost'],
    },
    {
      name: 'a purchase under way does not look whether the order was bought and forgotten',
      file: 'sdk/src/payment/lead.ts',
      from: 'if (need) return (await need.metBy(payer)) !== undefined',
      to: 'if (need) return false',
      seen: ['double payment'],
    },
    {
      name: 'keys are renewed with each request',
      file: 'sdk/src/dialects/aixbt/passKeeper.ts',
      from: 'held ??= await load(passes)',
      to: 'over = (held ??= await load(passes))?.apiKey',
      seen: ['double payment'],
    },
  ],
  key0: [
    {
      name: 'an order has another requestId each time',
      file: 'sdk/src/agent/orderId.ts',
      from: 'read(standing, key) ?? fresh',
      to: 'fresh',
      seen: ['double payment'],
    },
    {
      name: 'what is not confirmed is taken for a success',
      file: 'sdk/src/dialects/key0/answers.ts',
      from: 'if (ok) return granted(body, asked, heard, headers)',
      to: 'if (ok) return Response.json(body, { headers })',
      seen: ['books differ'],
    },
    {
      name: 'each process renews access by a request of its own',
      file: 'sdk/src/dialects/key0/requestIds.ts',
      from: 'renewal of $' + '{requestId}',
      to: 'renewal of $' + '{Math.random()}',
      seen: ['double payment'],
    },
    {
      name: 'over MCP what a used signature bought is not asked for by its name',
      file: 'sdk/src/dialects/key0/overMcp.ts',
      from: 'return known ?? askedFor(terms)',
      to: 'return askedFor(terms)',
      seen: ['lost, and could be had'],
    },
  ],
  solrouter: [
    {
      name: 'an order has no name',
      file: 'sdk/src/dialects/solrouter/SolRouter.ts',
      from: '...(idempotencyKey !== undefined && { idempotencyKey }),',
      to: '',
      seen: ['double payment', 'another answer'],
    },
    {
      name: 'what was paid for and is no success says that no funds moved',
      file: 'sdk/src/dialects/solrouter/SolRouter.ts',
      from: 'if (!isPaid || ',
      to: 'if (isPaid || ',
      seen: ['says no funds moved'],
    },
    {
      name: 'a payment that has ended is not shown for what it bought',
      file: 'sdk/src/payment/recover.ts',
      from: "const isForProof = payer.need && attempt.state === 'settled'",
      to: 'const isForProof = false',
      seen: ['lost, and could be had'],
    },
  ],
}
const all = SYSTEMS.flatMap((system) => SABOTAGES[system].map((each) => ({ ...each, system })))

test.each(all)(
  'at $system the oracles notice where $name',
  async ({ seen, system, ...sabotage }) => {
    const { failures } = await run(system, { end: 20_000, seconds: 100, until: seen }, sabotage)
    expect(seen).toContain([...failures.keys()].find((kind) => seen.includes(kind)))
  },
  120_000,
)
