import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test, vi } from 'vitest'
import { parseCliOptions } from '../packages/mock-gateway/src/parseCliOptions'
import { gatewayError } from '../packages/sdk/src/gatewayError'
import { blocksOf, diagnose, runBlock } from './support/markdownCode'

const root = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')

const blocks = blocksOf(readme)
const [first] = blocks

afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

test('the first screen of the README is code that runs', () => {
  expect(first?.line).toBeLessThan(15)
  expect(first?.payments).toBe('1')
})

test('all TypeScript in the README compiles, and what would not is found', () => {
  const wrong = "import { ARouter } from '@arouter/sdk'\nnew ARouter({ url: '' })"
  const found = diagnose([...blocks.map(({ program }) => program), wrong])
  expect(found).toEqual([expect.stringContaining("'url' does not exist")])
}, 120_000)

test.each(blocks.filter(({ payments }) => payments))(
  'the block at line $line of the README runs, with payments: $payments',
  runBlock,
)

test('every command of the README exists', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const named = [...readme.matchAll(/npm (?:run )?(demo|browser|test|bench|build|lint|types)\b/g)]
  expect(named.length).toBeGreaterThan(3)
  for (const [, script = ''] of named) expect(scripts).toHaveProperty(script)
  const [, options = ''] = /npx arouter-mock-gateway (.*)/.exec(readme) ?? []
  expect(parseCliOptions(options.split(' '))).toEqual({
    kind: 'run',
    chain: 'stub',
    options: { port: 4020, networks: ['eip155:8453'] },
    faults: { 'drop-after-settle': 0.1 },
  })
})

test('every link of the README to a file leads to one', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path = '']) => path)
  const files = new Set(readdirSync(root, { recursive: false, encoding: 'utf8' }))
  expect(links.filter((path) => !files.has(path.split('/')[0] ?? ''))).toEqual([])
})

test('the table of errors names every code of the SDK, and no other', () => {
  const [, table = ''] = /^## Errors\n(.*?)^```ts/ms.exec(readme) ?? []
  const named = [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([a-z0-9_]+)`/g)].map(([, code = '']) => code),
  )
  expect(named.sort()).toEqual([...codesInSources()].sort())
})

test('the table of events names every event, and no other', () => {
  const [, table = ''] = /^## Watching it\n(.*?)^With/ms.exec(readme) ?? []
  const rows = [...table.matchAll(/^\| (`.*?) \|/gm)].map(([, cell = '']) => cell)
  const named = rows.flatMap((cell) => [...cell.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name))
  const source = readFileSync(join(root, 'packages/sdk/src/events.ts'), 'utf8')
  const types = [...source.matchAll(/readonly type: '(.*?)'/g)].map(([, type]) => type)
  expect(types.length).toBeGreaterThan(5)
  expect(named.sort()).toEqual(types.sort())
})

/** What a gateway can say by the status of its answer as well. */
const OF_STATUS = [
  'authentication_error',
  'insufficient_credits',
  'quota_exceeded',
  'rate_limit_exceeded',
  'unknown_error',
]

test('no code with which the SDK states what it did or saw can come from a gateway', () => {
  const codes = [...codesInSources()].filter((code) => !OF_STATUS.includes(code))
  expect(codes.length).toBeGreaterThan(30)
  const passed = codes.filter((type) => {
    const text = JSON.stringify({ error: { message: 'no', type } })
    return gatewayError(text, new Response(null, { status: 404 }), 0, []).code === type
  })
  expect(passed).toEqual([])
})

/** The codes that errors of the SDK are made with. */
function codesInSources(): Set<string> {
  const folder = join(root, 'packages/sdk/src')
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => readFileSync(join(folder, path), 'utf8'))
  const status = String.raw`(?:\d+|status|statusCode|response\.status)`
  const made = new RegExp(
    String.raw`(?:(?:new ARouterError|super)\(\s*${status},|new PaymentPolicyError\()\s*'([a-z_]+)'` +
      String.raw`|'(stream_[a-z]+(?:_[a-z]+)?|key0_[a-z_]+)'|\?\? '(unknown_error)'`,
    'g',
  )
  return new Set(
    sources.flatMap((text) => [...text.matchAll(made)].map(([, a, b, c]) => a ?? b ?? c ?? '')),
  )
}
