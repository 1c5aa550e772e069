import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readImports } from './readImports'

const packages = fileURLToPath(new URL('../packages', import.meta.url))
const sdk = join(packages, 'sdk/src')

/**
 * The sdk from top to bottom. A file may import files of its own line and of the lines below it;
 * a name ending in a slash stands for a folder. A file of src not named here is at the bottom.
 */
const layers: readonly (readonly string[])[] = [
  [
    'agent.ts',
    'funds.ts',
    'index.ts',
    'node.ts',
    'openai.ts',
    'otel.ts',
    'receipt.ts',
    'redis.ts',
    'web.ts',
  ],
  ['dialects/'],
  ['agent/'],
  ['ARouter.ts', 'wallets.ts', 'bindWallets.ts', 'signers.ts', 'walletWork.ts', 'retrySafe.ts'],
  ['otel/'],
  ['api/'],
  ['interceptors/'],
  ['payment/', 'events.ts', 'telemetry.ts'],
  ['session/'],
  ['siwx/'],
  ['store/'],
]

type Edge = { from: string; to: string; atRunTime: boolean }

const isSource = (path: string) => path.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(path)

function sources(name: string): string[] {
  const folder = join(packages, name, 'src')
  return readdirSync(folder, { encoding: 'utf8', recursive: true })
    .filter(isSource)
    .map((path) => join(folder, path))
}

/** The file a relative import leads to. */
function target(from: string, specifier: string): string {
  const path = resolve(dirname(from), specifier)
  const found = [`${path}.ts`, join(path, 'index.ts'), path].find((file) => existsSync(file))
  if (found === undefined) throw new Error(`${from} imports ${specifier}, which is not there`)
  return found
}

function edges(name: string): Edge[] {
  return sources(name).flatMap((from) =>
    readImports(from)
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ specifier, atRunTime }) => ({ from, to: target(from, specifier), atRunTime })),
  )
}

function layerOf(path: string): number {
  const name = relative(sdk, path)
  const found = layers.findIndex((layer) =>
    layer.some((entry) => (entry.endsWith('/') ? name.startsWith(entry) : name === entry)),
  )
  return found < 0 ? layers.length : found
}

/** The files of a cycle of imports, or nothing. */
function findCycle(graph: readonly Edge[]): string[] | undefined {
  const importsOf = (file: string) => graph.filter(({ from }) => from === file)
  const done = new Set<string>()
  const walk = (file: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const { to } of importsOf(file)) {
      const cycle = walk(to, [...path, file])
      if (cycle) return cycle
    }
    done.add(file)
    return undefined
  }
  for (const { from } of graph) {
    const cycle = walk(from, [])
    if (cycle) return cycle
  }
  return undefined
}

describe('the layers', () => {
  test('inside the sdk imports go downward only', () => {
    const upward = edges('sdk')
      .filter(({ from, to }) => layerOf(to) < layerOf(from))
      .map(({ from, to }) => `${relative(sdk, from)} -> ${relative(sdk, to)}`)
    expect(upward).toEqual([])
  })

  for (const name of ['sdk', 'react', 'ai-sdk', 'x402-evm', 'x402-solana', 'mock-gateway']) {
    test(`no file of ${name} leaves its package by a relative path`, () => {
      const outside = edges(name).filter(({ to }) => !to.startsWith(join(packages, name, 'src/')))
      expect(outside).toEqual([])
    })

    test(`${name} has no cycle of imports that exists at run time`, () => {
      expect(findCycle(edges(name).filter(({ atRunTime }) => atRunTime))).toBeUndefined()
    })
  }

  const allowed = {
    sdk: [
      ...['', '/witness'].flatMap((entry) =>
        ['evm', 'solana'].map((chain) => `@arouter/x402-${chain}${entry}`),
      ),
      '@arouter/x402-evm/verify',
    ],
    react: ['@arouter/sdk', '@arouter/sdk/web', '@arouter/x402-evm', '@arouter/x402-solana'],
    'ai-sdk': ['@arouter/sdk'],
    'x402-evm': [],
    'x402-solana': [],
    'mock-gateway': [],
  }
  test('a system that a wallet pays at has no way to a signature, and knows no other system', () => {
    const graph = edges('sdk').filter(({ atRunTime }) => atRunTime)
    const systems = readdirSync(join(sdk, 'dialects'))
    expect(systems.length).toBeGreaterThan(2)
    const reached = (name: string) => {
      const found = new Set([join(sdk, 'dialects', name, 'index.ts')])
      for (const file of found) for (const { from, to } of graph) if (from === file) found.add(to)
      return [...found].map((path) => relative(sdk, path))
    }
    const others = systems.flatMap((name) =>
      reached(name).filter(
        (path) =>
          /^(?:agent\/|payment\/(?:lead|pay|sign|purchase|engine))/.test(path) ||
          (path.startsWith('dialects/') && !path.startsWith(`dialects/${name}/`)),
      ),
    )
    expect(others).toEqual([])
  })

  test('no system that is paid at, and none that the gateway can be, is known outside of dialects', () => {
    const known = ['sdk', 'mock-gateway'].flatMap((name) =>
      edges(name).filter(
        ({ from, to }) =>
          /\/src\/dialects\/[^/]+\//.test(to) && !/\/src\/(dialects|testing)\//.test(from),
      ),
    )
    expect(known.map(({ from, to }) => `${relative(packages, from)} -> ${to}`)).toEqual([])
  })

  for (const [name, others] of Object.entries(allowed)) {
    test(`${name} imports ${others.join(' and ') || 'none'} of the other packages`, () => {
      const forbidden = sources(name).flatMap((from) =>
        readImports(from)
          .filter(({ specifier }) => specifier.startsWith('@arouter/'))
          .filter(({ specifier }) => !others.some((other) => other === specifier))
          .map(({ specifier }) => `${relative(packages, from)} -> ${specifier}`),
      )
      expect(forbidden).toEqual([])
    })
  }
})

describe('the reading of imports', () => {
  test('sees every way to import, and which are gone at run time', () => {
    const folder = mkdtempSync(join(tmpdir(), 'imports-'))
    const path = join(folder, 'all.ts')
    writeFileSync(
      path,
      `import a from 'a'; import * as b from 'b'; import 'c'; import { type D, d } from 'd'
       export * from 'e'; export { f } from 'f'; const g = () => import('g'); const h = require('h')
       import type { T } from 't'; import { type U } from 'u'; export type { V } from 'v'
       type W = import('w').W; export { type X } from 'x'; export type * from 'y'`,
    )
    const found = readImports(path)
    rmSync(folder, { recursive: true })
    const names = (atRunTime: boolean) =>
      found
        .filter((one) => one.atRunTime === atRunTime)
        .map(({ specifier }) => specifier)
        .join('')
    expect(names(true)).toBe('abcdefgh')
    expect(names(false)).toBe('tuvwxy')
  })

  test('finds a cycle through several files', () => {
    const graph = ['ab', 'ac', 'cd', 'db', 'dc'].map(([from = '', to = '']) => ({
      from,
      to,
      atRunTime: true,
    }))
    expect(findCycle(graph)).toEqual(['c', 'd', 'c'])
    expect(findCycle(graph.slice(0, 4))).toBeUndefined()
  })
})
