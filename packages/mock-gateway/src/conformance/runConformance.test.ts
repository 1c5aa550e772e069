import { expect, test } from 'vitest'
import { runConformance } from './runConformance'
import { scoresOf, tellScore, totalOf } from './score'

test('a payer that pays nowhere is held to what applies on EVM chains', async () => {
  const report = await runConformance(() => () => Promise.reject(new Error('no')), {
    family: 'budget',
  })
  expect(report.capabilities).toEqual(['evm'])
  const verdicts = report.results.map(({ name, verdict }) => [name, verdict])
  expect(verdicts).toContainEqual(['30 calls at $0.10 on Solana', 'not applicable'])
  expect(verdicts).toContainEqual(['30 calls at $0.10, all at once', 'passed'])
  expect(verdicts).toContainEqual(['ten calls at $0.10', 'failed'])
  expect([...scoresOf(report)].map(([family, score]) => [family, tellScore(score)])).toEqual([
    ['budget', '4 of 5 (1 n/a)'],
  ])
  expect(tellScore(totalOf(report, 'honest'))).toBe('0 of 1')
})

test('a payer that cannot be made refuses every call', async () => {
  const broken = () => {
    throw new Error('cannot be made')
  }
  const { results } = await runConformance(broken, { family: 'budget', capabilities: ['evm'] })
  const [first] = results.filter(({ verdict }) => verdict === 'failed')
  expect(first).toMatchObject({ name: 'ten calls at $0.10', reason: '0 payments' })
})

test('a promise that a payer leaves to reject is counted', async () => {
  const careless = () => () => {
    Promise.reject(new Error('nobody hears'))
    return Promise.reject(new Error('no'))
  }
  const seen = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  const report = await runConformance(careless, { family: 'budget', capabilities: ['evm'] })
  for (const listener of seen) process.on('unhandledRejection', listener)
  expect(report.unhandledRejections).toBeGreaterThan(100)
})
