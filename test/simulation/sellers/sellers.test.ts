import { execFile } from 'node:child_process'
import { expect, test } from 'vitest'
import { bundleWorker, type Sabotage } from '../bundle'

async function run(seeds: number, sabotage?: Sabotage): Promise<string> {
  const bundle = await bundleWorker(sabotage, './sellers/main.ts')
  const parameters = [bundle.path, '--seeds', `${seeds}`, '--seconds', '60']
  try {
    return await new Promise((resolve) => {
      execFile(process.execPath, parameters, (_, stdout) => resolve(stdout))
    })
  } finally {
    await bundle.remove()
  }
}

test('what is bought singly is paid for once, and what is kept is not lost', async () => {
  const told = await run(400)
  expect(told).toMatch(/\n0 violations\n$/)
  for (const what of [
    'crash',
    'served',
    'key saved',
    'key: key_pass_unsaved',
    'paid_but_failed',
    'store_failed',
  ]) {
    expect(told).toMatch(new RegExp(`[1-9]\\d* ${what}\n`))
  }
})

test.each<Sabotage & { readonly name: string }>([
  {
    name: 'what was paid for and has not come is paid for again',
    file: 'sdk/src/payment/recover.ts',
    from: 'if (payer.need) throw paidButFailed(attempt, 402)',
    to: 'if (payer.need) return used()',
  },
  {
    name: 'a need that was named ends with its answer',
    file: 'sdk/src/payment/singleNeed.ts',
    from: "if (need.answer === 'kept') await keep(answer ?? 'not kept')",
    to: "if (false as boolean) await keep(answer ?? 'not kept')",
  },
  {
    name: 'a need ends before its answer has come',
    file: 'sdk/src/payment/handOver.ts',
    from: '  let size = 0',
    to: '  let size = 0; await onEnd(undefined)',
  },
  {
    name: 'a key is forgotten before it was saved',
    file: 'sdk/src/dialects/aixbt/buyKeyPass.ts',
    from: '    await keep(save, crowd.pass, purchase.key)',
    to: '    await forget(); await keep(save, crowd.pass, purchase.key)',
  },
])('the oracles notice where $name', async ({ name: _, ...sabotage }) => {
  expect(await run(400, sabotage)).toMatch(/FAILED (double payment|another answer|lost key)/)
})
