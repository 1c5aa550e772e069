import { type Family, type PayerFactory, runConformance } from '@arouter/mock-gateway/conformance'
import { expect, test, vi } from 'vitest'
import { badPayer } from './bad/badPayer'
import { refuser } from './bad/refuser'

vi.setConfig({ testTimeout: 240_000 })

const ALL = ['evm', 'solana', 'v1', 'session', 'sign-in', 'siwx'] as const

const naive = badPayer({ takes: 'sensible', reads: 'header', tokens: 'kept', errors: 'quiet' })
const greedy = badPayer({ takes: 'first', reads: 'body', tokens: 'ignored', errors: 'loud' })
const loud = badPayer({ takes: 'sensible', reads: 'header', tokens: 'kept', errors: 'loud' })

const run = async (
  payer: PayerFactory,
  families: readonly (Family | undefined)[] = [undefined],
) => {
  const reports = await Promise.all(
    families.map((family) =>
      runConformance(payer, { capabilities: ALL, ...(family && { family }) }),
    ),
  )
  return reports.flatMap(({ results }) => results)
}
const named = (verdict: string, results: Awaited<ReturnType<typeof run>>, kind: string) =>
  results
    .filter((result) => result.verdict === verdict && result.kind === kind)
    .map(({ family, name }) => `${family}: ${name}`)

test('every attack succeeds against a payer that does not defend itself', async () => {
  const results = await run(naive)
  const defended = new Set(named('passed', results, 'attack'))
  const others = [
    ...(await run(greedy, ['terms on EVM', 'envelopes', 'bounds', 'lost answers'])),
    ...(await run(loud, ['secrets'])),
  ]
  for (const name of named('failed', others, 'attack')) defended.delete(name)
  expect([...defended]).toEqual([])
  // Finding credit again, or using a signature again, takes more than being naive; all else that is honest it does.
  const unmet = named('failed', results, 'honest')
  expect(unmet.filter((name) => !/: its credit | for the same signature/.test(name))).toEqual([])
})

test('every honest scenario fails a payer that refuses everything, and no attack does', async () => {
  const results = await run(refuser)
  expect(named('passed', results, 'honest')).toEqual([])
  expect(named('failed', results, 'attack')).toEqual([])
})
