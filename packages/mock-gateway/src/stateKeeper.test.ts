import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createStateKeeper } from './stateKeeper'

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

test('what changed is in the file once it is written, and writes in a row are shared', async () => {
  const folder = freshFolder()
  const path = join(folder, 'state.json')
  let state = 0
  let texts = 0
  const keeper = createStateKeeper(path, () => {
    texts += 1
    return String(state)
  })
  const all = Array.from({ length: 50 }, () => {
    state += 1
    return keeper.written()
  })
  await Promise.all(all)
  expect(readFileSync(path, 'utf8')).toBe('50')
  expect(texts).toBeLessThanOrEqual(2)
  const first = keeper.written()
  await new Promise(setImmediate)
  state = 51
  await Promise.all([first, keeper.written()])
  expect(readFileSync(path, 'utf8')).toBe('51')
  expect(readdirSync(folder)).toEqual(['state.json'])
  expect(statSync(path).mode & 0o777).toBe(0o600)
  await keeper.close()
})

test('a change that nobody waits for is written too', async () => {
  const path = join(freshFolder(), 'state.json')
  const keeper = createStateKeeper(path, () => 'changed')
  keeper.touch()
  await vi.waitFor(() => expect(readFileSync(path, 'utf8')).toBe('changed'), 10_000)
  await keeper.close()
})

test('a file that cannot be written is an error for whoever waits, and the next try is a new one', async () => {
  const folder = freshFolder()
  let isBroken = true
  const keeper = createStateKeeper(join(folder, 'state.json'), () => {
    if (isBroken) throw new Error('no text')
    return 'whole'
  })
  await expect(keeper.written()).rejects.toThrow('no text')
  isBroken = false
  await keeper.close()
  expect(readFileSync(join(folder, 'state.json'), 'utf8')).toBe('whole')
})
