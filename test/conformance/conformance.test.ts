import { readFileSync } from 'node:fs'
import { runConformance, scoresOf, tellScore } from '@arouter/mock-gateway/conformance'
import { expect, test } from 'vitest'
import { arouter } from './payers/arouter'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

test('every scenario that applies to this SDK passes, at least 300 of them, as the README has it', async () => {
  const report = await runConformance(arouter)
  const { capabilities, results, unhandledRejections } = report
  expect(results.filter(({ verdict }) => verdict === 'failed')).toEqual([])
  expect(results.filter(({ verdict }) => verdict === 'passed').length).toBeGreaterThan(300)
  expect(unhandledRejections).toBe(0)
  expect(capabilities).toEqual(
    expect.arrayContaining(['evm', 'solana', 'v1', 'session', 'sign-in']),
  )
  const names = results.map(({ family, name }) => `${family}: ${name}`)
  expect(new Set(names).size).toBe(names.length)
  const rows = readme.split('\n').map((line) => line.split(' | ').slice(0, 2).join(' | '))
  const scores = [...scoresOf(report)].map(([family, score]) => `| ${family} | ${tellScore(score)}`)
  // Where this fails, `npm run conformance` writes the table anew.
  expect(rows).toEqual(expect.arrayContaining(scores))
}, 240_000)
