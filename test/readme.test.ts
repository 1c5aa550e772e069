import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createMockGateway } from '@arouter/mock-gateway'
import ts from 'typescript'
import { generatePrivateKey } from 'viem/accounts'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { parseCliOptions } from '../packages/mock-gateway/src/parseCliOptions'
import { gatewayError } from '../packages/sdk/src/gatewayError'

const root = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')

/** Every block of TypeScript; ` run pays=1` behind its fence says that it runs and what it pays. */
const blocks = [...readme.matchAll(/^```tsx?(?: run pays=(\d+))?\n(.*?)^```$/gms)].map(
  ([, payments, text = '']) => ({ payments, text, line: lineOf(text) }),
)
const [first] = blocks
/** A block that makes no client goes on from the first one. */
const programs = blocks.map((block) => ({
  ...block,
  text: block.text.includes('new ARouter(') ? block.text : `${first?.text}\n${block.text}`,
}))

function lineOf(text: string): number {
  return readme.slice(0, readme.indexOf(text)).split('\n').length
}

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
  const found = diagnose([...programs.map(({ text }) => text), wrong])
  expect(found).toEqual([expect.stringContaining("'url' does not exist")])
}, 120_000)

test.each(programs.filter(({ payments }) => payments))(
  'the block at line $line of the README runs, with payments: $payments',
  async ({ text, payments }) => {
    const key = 'an-api-key'
    const gateway = await createMockGateway({ apiKeys: { [key]: { balance: '$1' } } })
    onTestFinished(() => gateway.close())
    vi.stubEnv('PRIVATE_KEY', generatePrivateKey())
    vi.stubEnv('AROUTER_API_KEY', key)
    vi.stubGlobal('fetch', loopbackOnly(fetch))
    vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    const log = vi.spyOn(console, 'log').mockReturnValue()

    await execute(text.replaceAll(/baseURL(:| =) 'https:[^']*'/g, `baseURL$1 '${gateway.url}'`))

    expect(gateway.state.counts().payments).toBe(Number(payments))
    const promised = [...text.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map(([, said]) => said)
    expect(log.mock.calls.flat().map(String)).toEqual(expect.arrayContaining(promised))
  },
)

test('every command of the README exists', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const named = [...readme.matchAll(/npm (?:run )?(demo|browser|test|bench|build|lint|types)\b/g)]
  expect(named.length).toBeGreaterThan(3)
  for (const [, script = ''] of named) expect(scripts).toHaveProperty(script)
  const [, options = ''] = /npx arouter-mock-gateway (.*)/.exec(readme) ?? []
  expect(parseCliOptions(options.split(' '))).toEqual({
    kind: 'run',
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
    [...cell.matchAll(/`([a-z_]+)`/g)].map(([, code = '']) => code),
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
      String.raw`|'(stream_[a-z]+(?:_[a-z]+)?)'|\?\? '(unknown_error)'`,
    'g',
  )
  return new Set(
    sources.flatMap((text) => [...text.matchAll(made)].map(([, a, b, c]) => a ?? b ?? c ?? '')),
  )
}

/** What the compiler says of these modules, as if they lay beside the README. */
function diagnose(texts: readonly string[]): string[] {
  const config = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root, { noEmit: true })
  const files = new Map(texts.map((text, index) => [join(root, `readme-${index}.tsx`), text]))
  const host = ts.createCompilerHost(options)
  const { readFile, fileExists, getSourceFile } = host
  host.readFile = (path) => files.get(path) ?? readFile(path)
  host.fileExists = (path) => files.has(path) || fileExists(path)
  host.getSourceFile = (path, ...more) => {
    const text = files.get(path)
    return text === undefined
      ? getSourceFile(path, ...more)
      : ts.createSourceFile(path, text, ts.ScriptTarget.ES2022)
  }
  const program = ts.createProgram([...files.keys()], options, host)
  return [...files.keys()].flatMap((path) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(path))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
  )
}

/** Runs a module in this process, its imports being those of this test. */
async function execute(text: string): Promise<void> {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  })
  const modules = new Map<string, unknown>()
  for (const [, name = ''] of outputText.matchAll(/require\("(.*?)"\)/g)) {
    modules.set(name, await import(name))
  }
  const AsyncFunction: FunctionConstructor = Object.getPrototypeOf(
    async () => undefined,
  ).constructor
  await AsyncFunction('require', 'exports', outputText)((name: string) => modules.get(name), {})
}

/** Nothing in a README may reach the network from a test. */
function loopbackOnly(send: typeof fetch): typeof fetch {
  return (input, init) => {
    const { hostname } = new URL(input instanceof Request ? input.url : input)
    if (hostname !== '127.0.0.1') throw new Error(`${hostname} is not this machine`)
    return send(input, init)
  }
}
