import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as aiSdk from '@arouter/ai-sdk'
import * as gateway from '@arouter/mock-gateway'
import * as react from '@arouter/react'
import * as sdk from '@arouter/sdk'
import * as evm from '@arouter/x402-evm'
import * as solana from '@arouter/x402-solana'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  type Installed,
  installPackage,
  linkDependency,
  packPackage,
  root,
} from './installPackages'
import { loadedFiles, loadedPackages } from './loadedPackages'
import { runCommand } from './runCommand'

type Subject = {
  readonly source: object
  /** Entries a browser has no use for; undefined where the whole package is for servers. */
  readonly serverOnly: readonly string[] | undefined
  /** Its types are made of another package's, which take `skipLibCheck` to compile. */
  readonly builtOn?: string
}

const subjects: Readonly<Record<string, Subject>> = {
  'x402-evm': { source: evm, serverOnly: [] },
  'x402-solana': { source: solana, serverOnly: [] },
  sdk: { source: sdk, serverOnly: ['@arouter/sdk/node', '@arouter/sdk/redis'] },
  react: { source: react, serverOnly: [] },
  'ai-sdk': { source: aiSdk, serverOnly: [], builtOn: '@ai-sdk/provider' },
  'mock-gateway': { source: gateway, serverOnly: undefined },
}

/** All that loading the sdk may load: a wallet's own library is loaded by who owns the wallet. */
const light = [
  '@arouter/sdk',
  '@arouter/x402-evm',
  '@arouter/x402-solana',
  '@noble/hashes',
  'base-x',
  'bs58',
  'tweetnacl',
]

/** The peer that `phantomSigner` asks for when it is called, and not before. */
const OPTIONAL = '@solana/web3.js'

// Packing, attw and tsc are slow programs, and slower on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const fixtures = join(root, 'test/package/fixtures')
const project = mkdtempSync(join(tmpdir(), 'arouter-project-'))
const installed = new Map<string, Installed>()

const node = (...args: string[]) => runCommand(process.execPath, args, { cwd: project })
const tool = (path: string, ...args: string[]) => node(join(root, 'node_modules', path), ...args)

function subject(name: string): Installed {
  const found = installed.get(name)
  if (!found) throw new Error(`${name} was not installed`)
  return found
}

beforeAll(async () => {
  writeFileSync(join(project, 'package.json'), '{ "private": true }')
  for (const name of Object.keys(subjects)) {
    installed.set(name, await installPackage(project, await packPackage(name, project), name))
  }
  for (const peer of ['react', '@types/react', 'csstype', 'openai', '@opentelemetry/api'])
    linkDependency(project, peer, [root])
})

afterAll(() => rmSync(project, { recursive: true }))

for (const [name, { source, serverOnly }] of Object.entries(subjects)) {
  describe(`the package of ${name}`, () => {
    test('exports from import and from require what its source does', async () => {
      const report = 'console.log(JSON.stringify(Object.keys(entry).sort()))'
      const [main] = subject(name).entries
      for (const entry of subject(name).entries) {
        const from = JSON.stringify(entry)
        const esm = await node(
          '--input-type=module',
          '--eval',
          `import * as entry from ${from}; ${report}`,
        )
        const cjs = await node(
          '--input-type=commonjs',
          '--eval',
          `const entry = require(${from}); ${report}`,
        )
        expect(esm.output).toMatch(/^\[.*\]\n$/)
        expect(cjs).toEqual(esm)
        if (entry === main) expect(JSON.parse(esm.stdout)).toEqual(Object.keys(source).sort())
      }
    })

    test('passes publint, warnings included', async () => {
      const outcome = await tool('publint/src/cli.js', 'run', subject(name).tarball, '--strict')
      // It suggests another way to leave tweetnacl out of browsers; whatever else it finds is a fault.
      const found = outcome.output.split('\n').filter((line) => /^\d+\. /.test(line))
      expect(found.filter((line) => !line.includes('pkg.browser'))).toEqual([])
      expect(outcome.code).toBe(0)
    })

    test('has the right types in all four ways to resolve a module', async () => {
      const cli = '@arethetypeswrong/cli/dist/index.js'
      const args = ['--no-definitely-typed', '--no-emoji', '--no-color', '--format', 'json']
      const outcome = await tool(cli, subject(name).tarball, ...args)
      const { analysis } = JSON.parse(outcome.stdout)
      expect(analysis.problems).toEqual([])
      expect(Object.keys(analysis.entrypoints['.'].resolutions).sort()).toEqual([
        'bundler',
        'node10',
        'node16-cjs',
        'node16-esm',
      ])
      expect(outcome.code).toBe(0)
    })

    test('runs no script when it is installed', () => {
      const scripts = Object.keys(subject(name).manifest.scripts ?? {})
      const hooks = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare']
      expect(scripts.filter((script) => hooks.includes(script))).toEqual([])
      expect(existsSync(join(project, 'node_modules/@arouter', name, 'binding.gyp'))).toBe(false)
    })

    test('is the same to the byte when it is packed again', async () => {
      const again = await packPackage(name, project)
      expect(readFileSync(again).equals(readFileSync(subject(name).tarball))).toBe(true)
    })

    if (serverOnly) {
      test('bundles for browsers with no Node built-in and nothing unresolved', async () => {
        const entries = subject(name).entries.filter((entry) => !serverOnly.includes(entry))
        const contents = entries.map((entry) => `export * from ${JSON.stringify(entry)}`).join('\n')
        const { warnings, metafile } = await build({
          stdin: { contents, resolveDir: project },
          platform: 'browser',
          format: 'esm',
          bundle: true,
          write: false,
          metafile: true,
          logLevel: 'silent',
        })
        expect(warnings).toEqual([])
        const left = Object.values(metafile.outputs).flatMap(({ imports }) => imports)
        expect(left.filter(({ path }) => path !== OPTIONAL)).toEqual([])
      })
    }
  })
}

describe('importing @arouter/sdk', () => {
  const load = {
    import: ['--input-type=module', `await import('@arouter/sdk')`],
    require: ['--input-type=commonjs', `require('@arouter/sdk')`],
  } as const

  for (const [how, [flag, code]] of Object.entries(load)) {
    test(`with ${how} loads no viem, @solana, zod, openai or redis, nor anything else of weight`, async () => {
      const loaded = await loadedPackages(project, [flag], code)
      expect(loaded).toContain('@arouter/sdk')
      expect(loaded.filter((one) => !light.includes(one))).toEqual([])
    })
  }

  for (const entry of ['node', 'redis', 'web'].map((name) => `@arouter/sdk/${name}`)) {
    test(`${entry} loads no package but the sdk, and the sdk loads none of its code`, async () => {
      const esm = ['--input-type=module']
      const cjs = ['--input-type=commonjs']
      expect(await loadedPackages(project, esm, `await import('${entry}')`)).toEqual([
        '@arouter/sdk',
      ])
      expect(await loadedPackages(project, cjs, `require('${entry}')`)).toEqual(['@arouter/sdk'])
      const file = `${entry.slice(entry.lastIndexOf('/') + 1)}.`
      const loaded = await loadedFiles(project, esm, `await import('@arouter/sdk')`)
      expect(loaded.filter((path) => path.includes(`@arouter/sdk/dist/${file}`))).toEqual([])
      expect(loaded.some((path) => path.includes('@arouter/sdk/dist/index.'))).toBe(true)
    })
  }

  test('the curve that verifies signatures is loaded by who imports it, and by nobody else', async () => {
    const esm = ['--input-type=module']
    const cjs = ['--input-type=commonjs']
    expect(await loadedPackages(project, esm, `await import('@arouter/x402-evm')`)).toEqual([
      '@arouter/x402-evm',
    ])
    expect(await loadedPackages(project, cjs, `require('@arouter/x402-evm')`)).toEqual([
      '@arouter/x402-evm',
    ])
    const verifying = ['@arouter/x402-evm', '@noble/curves', '@noble/hashes']
    const entry = '@arouter/x402-evm/verify'
    expect(await loadedPackages(project, esm, `await import('${entry}')`)).toEqual(verifying)
    expect(await loadedPackages(project, cjs, `require('${entry}')`)).toEqual(verifying)
  })

  test('is measured by what would see them', async () => {
    expect(await loadedPackages(root, ['--input-type=module'], `import 'bs58'`)).toEqual([
      'base-x',
      'bs58',
    ])
    expect(await loadedPackages(root, ['--input-type=commonjs'], `require('zod')`)).toEqual(['zod'])
  })
})

describe('the packed gateway', () => {
  const program = `createMockGateway().then(async (gateway) => {
    const files = ['', 'panel/style.css', 'panel/panel.js', 'panel/elements.js', 'panel/faults.js',
      'panel/gateway.js', 'panel/tables.js']
    const answers = await Promise.all(files.map((file) => fetch(gateway.url + '/' + file)))
    console.log(answers.map(({ status }) => status).join())
    await gateway.close()
  })`
  const load = {
    module: "import { createMockGateway } from '@arouter/mock-gateway'",
    commonjs: "const { createMockGateway } = require('@arouter/mock-gateway')",
  }

  for (const [type, start] of Object.entries(load)) {
    test(`has its page with it (${type})`, async () => {
      const { output } = await node(`--input-type=${type}`, '--eval', `${start}\n${program}`)
      expect(output).toBe(`${Array(7).fill(200).join()}\n`)
    })
  }
})

describe('a project that uses the packages', () => {
  const check = async (
    lib: readonly string[],
    types: readonly string[],
    names: readonly string[],
    skipLibCheck = false,
  ) => {
    const folder = join(project, `${types.join('-') || 'browser'}-${names.length}`)
    for (const type of ['module', 'commonjs']) {
      mkdirSync(join(folder, type), { recursive: true })
      writeFileSync(join(folder, type, 'package.json'), JSON.stringify({ type }))
      for (const name of names) {
        copyFileSync(join(fixtures, `${name}.ts`), join(folder, type, `${name}.ts`))
      }
    }
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2022',
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck,
      noEmit: true,
      lib,
      types,
    }
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, include: ['.'] }),
    )
    return tool('typescript/bin/tsc', '-p', folder)
  }

  beforeAll(() => {
    linkDependency(project, '@types/node', [root])
  })

  test('type-checks for Node as ESM and as CommonJS without skipLibCheck', async () => {
    const names = Object.keys(subjects).filter((name) => !subjects[name]?.builtOn)
    expect(await check(['es2023'], ['node'], names)).toMatchObject({ code: 0, output: '' })
  })

  test('type-checks with skipLibCheck where a package is built on types that need it', async () => {
    const names = Object.keys(subjects).filter((name) => subjects[name]?.builtOn)
    const outcome = await check(['es2023'], ['node'], names, true)
    expect(outcome).toMatchObject({ code: 0, output: '' })
  })

  test('type-checks for browsers without the types of Node', async () => {
    const names = Object.keys(subjects).filter(
      (name) => subjects[name]?.serverOnly && !subjects[name]?.builtOn,
    )
    expect(await check(['es2023', 'dom'], [], names)).toMatchObject({ code: 0, output: '' })
  })
})
