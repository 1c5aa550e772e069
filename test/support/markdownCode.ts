import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createMockGateway } from '@arouter/mock-gateway'
import ts from 'typescript'
import { generatePrivateKey } from 'viem/accounts'
import { expect, onTestFinished, vi } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A block of TypeScript in a document. */
export type Block = {
  /** How many payments it makes; undefined where it is compiled and not run. */
  readonly payments: string | undefined
  readonly text: string
  readonly line: number
  /** It, and the first block where it goes on from that. */
  readonly program: string
}

/** Every block of TypeScript; ` run pays=1` behind its fence says that it runs and what it pays. */
export function blocksOf(document: string): readonly Block[] {
  const found = [...document.matchAll(/^```tsx?(?: run pays=(\d+))?\n(.*?)^```$/gms)]
  const [[, , first = ''] = []] = found
  return found.map(([, payments, text = '']) => ({
    payments,
    text,
    line: document.slice(0, document.indexOf(text)).split('\n').length,
    // One that makes no client goes on from the first one.
    program: /new (?:ARouter|x402Client)\(|createAgentWallet\(/.test(text)
      ? text
      : `${first}\n${text}`,
  }))
}

/**
 * Runs a block against a gateway on this machine, in place of the one it names, and expects the payments it
 * says, and the output it promises behind `console.log`.
 */
export async function runBlock({ program, text, payments }: Block): Promise<void> {
  const key = 'an-api-key'
  const gateway = await createMockGateway({ apiKeys: { [key]: { balance: '$1' } } })
  onTestFinished(() => gateway.close())
  vi.stubEnv('PRIVATE_KEY', generatePrivateKey())
  vi.stubEnv('AROUTER_API_KEY', key)
  vi.stubGlobal('fetch', loopbackOnly(fetch))
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const log = vi.spyOn(console, 'log').mockReturnValue()

  await execute(program.replaceAll(/baseURL(:| =) 'https?:[^']*'/g, `baseURL$1 '${gateway.url}'`))

  expect(gateway.state.counts().payments).toBe(Number(payments))
  const promised = [...text.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map(([, said]) => said)
  expect(log.mock.calls.flat().map(String)).toEqual(expect.arrayContaining(promised))
}

/** What the compiler says of these modules, as if they lay at the root. */
export function diagnose(texts: readonly string[]): string[] {
  const config = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root, { noEmit: true })
  const files = new Map(texts.map((text, index) => [join(root, `document-${index}.tsx`), text]))
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
