import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileStore } from '@arouter/sdk/node'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { folderName } from '../../packages/sdk/src/store/fileRecord'
import { buildScript } from './buildScript'
import { increment } from './conformance'
import { runCounter } from './runCounter'

const scratch = mkdtempSync(join(tmpdir(), 'arouter-files-'))
let place = ''
let made = 0

beforeEach(() => {
  place = join(scratch, String(made++), 'store')
})

afterAll(() => rmSync(scratch, { recursive: true }))

describe('processes that share a file store', () => {
  let script = ''

  beforeAll(async () => {
    script = await buildScript('counter', 'node')
  })

  test('lose no update of 8 that count at once', async () => {
    const runs = Array.from({ length: 8 }, () =>
      runCounter(script, ['file', place, '', 'count', '40']),
    )
    const outcomes = await Promise.all(runs)
    for (const { code, errors } of outcomes)
      expect({ code, errors }).toEqual({ code: 0, errors: '' })
    const values = outcomes.flatMap((outcome) => outcome.values).sort((a, b) => a - b)
    expect(values).toEqual(Array.from({ length: 320 }, (_, at) => at + 1))
    expect(await fileStore(place).get('count')).toBe(320)
  }, 120_000)

  test('lose nothing they said was stored, killed 200 times in the middle of it', async () => {
    const said = new Set<number>()
    let killed = 0
    const life = async (seed: number) => {
      const lives = 1 + (seed % 7)
      const args = ['file', place, '', 'count', '1000000']
      const { values } = await runCounter(script, args, (count, child) => {
        if (count >= lives) child.kill('SIGKILL')
      })
      killed++
      for (const value of values) {
        expect(said.has(value)).toBe(false)
        said.add(value)
      }
      const stands = Number(await fileStore(place).get('count'))
      expect(Math.max(...values)).toBeLessThanOrEqual(stands)
    }
    const line = async (start: number) => {
      for (let seed = start; seed < 200; seed += 4) await life(seed)
    }
    await Promise.all([line(0), line(1), line(2), line(3)])
    expect(killed).toBe(200)
    // A killed process may have stored one value more than it said.
    const stands = Number(await fileStore(place).get('count'))
    expect(stands).toBeGreaterThanOrEqual(said.size)
    expect(stands).toBeLessThanOrEqual(said.size + 200)
    expect(await fileStore(place).update('count', increment)).toBe(stands + 1)
    expect(readdirSync(join(place, folderName('count')))).toHaveLength(1)
  }, 240_000)
})
