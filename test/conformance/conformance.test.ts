import { runConformance } from '@arouter/mock-gateway/conformance'
import { expect, test } from 'vitest'
import { arouter } from './payers/arouter'

test('every scenario that applies to this SDK passes, and there are at least 300', async () => {
  const { capabilities, results } = await runConformance(arouter)
  expect(results.filter(({ verdict }) => verdict === 'failed')).toEqual([])
  expect(results.filter(({ verdict }) => verdict === 'passed').length).toBeGreaterThan(300)
  expect(capabilities).toEqual(
    expect.arrayContaining(['evm', 'solana', 'v1', 'session', 'sign-in']),
  )
  const names = results.map(({ family, name }) => `${family}: ${name}`)
  expect(new Set(names).size).toBe(names.length)
}, 240_000)
