import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'
import { runCommand } from '../package/runCommand'
import { OPTIONS, runSchedules } from './runSchedules'
import type { Way } from './Way'

const cwd = fileURLToPath(new URL('.', import.meta.url))
const COMMANDS = ['run.ts', 'sellers/run.ts']

const run = (command: string, ...args: readonly string[]) =>
  runCommand(process.execPath, ['--import', 'tsx', command, ...args], { cwd })

test.each(COMMANDS)('%s refuses what it cannot read, in a line', async (command) => {
  const refused = async (...args: readonly string[]) => {
    const { code, stdout, output } = await run(command, ...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(output).toMatch(/^.*\nTry --help\.\n$/)
    return output
  }
  expect(await refused('--seeds', 'abc')).toContain('--seeds is a whole number, not abc')
  expect(await refused('--seed', '1.5')).toContain('--seed is a whole number, not 1.5')
  expect(await refused('--workers', '')).toContain('--workers is a whole number, not \n')
  expect(await refused('--platform', 'rael')).toContain('--platform is light or real, not rael')
  expect(await refused('--sedes', '1')).toContain("Unknown option '--sedes'")
})

test.each([
  ['run.ts', '--profile', 'processes', '7 schedules of kind processes'],
  ['sellers/run.ts', '--system', 'key0', '7 schedules at key0'],
])('%s runs as many schedules as it is told, of one kind', async (command, option, kind, told) => {
  const { code, stdout } = await run(command, option, kind, '--seeds', '7', '--from', '3')
  expect(stdout).toContain(`${told}\n`)
  expect(stdout).toMatch(/\n7 schedules in .*\n.*\n0 violations\n$/)
  expect(code).toBe(0)
})

test.each(COMMANDS)('%s prints all that happens in one schedule', async (command) => {
  const { code, stdout } = await run(command, '--seed', '5')
  expect(stdout).toMatch(/^\{\n "seed": 5,\n/)
  expect(stdout).toMatch(/\n0 violations\n$/)
  expect(code).toBe(0)
})

test.each(COMMANDS)('%s fails where no schedule ran', async (command) => {
  const { code, stdout } = await run(command, '--seeds', '0')
  expect(stdout).toContain('0 schedules in')
  expect(code).toBe(1)
})

test('a run that finds something prints the command that plays it again, and fails', async () => {
  const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  onTestFinished(() => {
    printed.mockRestore()
    process.exitCode = undefined
  })
  const failures = new Map([['lost', [4711]]])
  const way: Way = {
    runAll: async ({ from, end }) => ({ ran: end - from, seconds: 1, counts: new Map(), failures }),
    runOne: async () => false,
  }
  const read = (...args: string[]) => {
    const { values } = parseArgs({ args, options: OPTIONS })
    return () => ({ values, profile: 'pays', way, command: 'npm run play -- --profile pays' })
  }
  await runSchedules('', read('--seeds', '9', '--platform', 'real'))
  const text = printed.mock.calls.join('')
  expect(text).toContain('9 schedules in 1.0 s, 9 per second')
  expect(text).toContain('  npm run play -- --profile pays --seed 4711 --platform real\n')
  expect(process.exitCode).toBe(1)
  process.exitCode = undefined
  await runSchedules('', read('--seed', '4711'))
  expect(process.exitCode).toBe(1)
})
