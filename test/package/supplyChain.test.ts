import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { installPackage, packPackage, root } from './installPackages'
import { runCommand } from './runCommand'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

/** What this test reads of an entry of package-lock.json. */
type Locked = {
  readonly version?: string
  readonly integrity?: string
  readonly link?: boolean
  readonly hasInstallScript?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

const lock: { readonly packages: Readonly<Record<string, Locked>> } = JSON.parse(
  readFileSync(join(root, 'package-lock.json'), 'utf8'),
)

const OWN = ['sdk', 'x402-evm', 'x402-solana']
const EXACT = /^\d+\.\d+\.\d+$/

function locked(path: string): Locked {
  const found = lock.packages[path]
  if (!found) throw new Error(`the lock file has no ${path}`)
  return found
}

/** The entry that `name` resolves to from the package at `path`, as Node looks for it. */
function resolveFrom(path: string, name: string): string {
  const steps = path.split('/node_modules/')
  const places = steps.map((_, at) => [...steps.slice(0, steps.length - at), name])
  const nested = places.map((parts) => parts.join('/node_modules/'))
  const found = [...nested, `node_modules/${name}`].find((place) => lock.packages[place])
  if (found === undefined) throw new Error(`${path} does not find ${name}`)
  return found
}

/** Every package that installing the sdk installs, by its place in the lock file. */
function closure(path: string, found = new Map<string, Locked>()): Map<string, Locked> {
  const entry = locked(path)
  found.set(path, entry)
  for (const name of Object.keys(entry.dependencies ?? {})) {
    const own = OWN.find((one) => name === `@arouter/${one}`)
    const next = own ? `packages/${own}` : resolveFrom(path, name)
    if (!found.has(next)) closure(next, found)
  }
  return found
}

describe('installing @arouter/sdk with both chain packages', () => {
  const installed = closure('packages/sdk')
  const others = [...installed].filter(([path]) => path.startsWith('node_modules/'))

  test('installs at most eight packages, ours included', () => {
    expect([...installed.keys()].sort()).toEqual([
      'node_modules/@noble/curves',
      'node_modules/@noble/hashes',
      'node_modules/tweetnacl',
      'packages/sdk',
      'packages/x402-evm',
      'packages/x402-solana',
    ])
    expect(installed.size).toBeLessThanOrEqual(8)
  })

  test('runs no script', () => {
    expect([...installed.values()].filter((entry) => entry.hasInstallScript)).toEqual([])
  })

  test('takes exact versions only, each the one that was tested', () => {
    for (const [path, { dependencies = {} }] of installed) {
      for (const [name, wanted] of Object.entries(dependencies)) {
        expect(wanted, `${path} wants ${name}`).toMatch(EXACT)
      }
    }
    for (const [path, { version, integrity }] of others) {
      expect(version, path).toMatch(EXACT)
      expect(integrity, path).toMatch(/^sha512-/)
    }
  })

  test('brings no peer along: each is optional', () => {
    for (const [path, { peerDependencies = {}, peerDependenciesMeta = {} }] of installed) {
      for (const name of Object.keys(peerDependencies)) {
        expect(peerDependenciesMeta[name]?.optional, `${path} and ${name}`).toBe(true)
      }
    }
  })

  test('is what the manifests say, too', () => {
    for (const name of OWN) {
      const manifest = JSON.parse(
        readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'),
      )
      expect(manifest.dependencies).toEqual(locked(`packages/${name}`).dependencies)
    }
  })
})

describe('the list of what is installed', () => {
  const project = mkdtempSync(join(tmpdir(), 'arouter-sbom-'))

  beforeAll(async () => {
    writeFileSync(
      join(project, 'package.json'),
      JSON.stringify({
        name: 'user',
        version: '1.0.0',
        dependencies: { '@arouter/sdk': '0.1.0' },
      }),
    )
    for (const name of OWN) {
      const { manifest } = await installPackage(project, await packPackage(name, project), name)
      rmSync(join(project, 'node_modules', manifest.name, 'node_modules'), {
        recursive: true,
        force: true,
      })
    }
    for (const name of ['@noble/curves', '@noble/hashes', 'tweetnacl']) {
      const target = join(project, 'node_modules', name)
      mkdirSync(target, { recursive: true })
      cpSync(join(root, 'node_modules', name), target, { recursive: true })
    }
  })

  afterAll(() => rmSync(project, { recursive: true }))

  test.each(['cyclonedx', 'spdx'])(
    'is made by npm in the form of %s, and is whole',
    async (form) => {
      const env = { npm_config_update_notifier: 'false', npm_config_offline: 'true' }
      const args = ['sbom', '--sbom-format', form]
      const { code, stdout, output } = await runCommand('npm', args, { cwd: project, env })
      expect(code, output).toBe(0)
      const listed = [...stdout.matchAll(/pkg:npm\/([^@"]+)@[^"]+/g)].map(([, name = '']) =>
        decodeURIComponent(name),
      )
      expect([...new Set(listed)].filter((name) => name !== 'user').sort()).toEqual([
        '@arouter/sdk',
        '@arouter/x402-evm',
        '@arouter/x402-solana',
        '@noble/curves',
        '@noble/hashes',
        'tweetnacl',
      ])
    },
  )
})

describe('the release workflow', () => {
  const workflow = readFileSync(join(root, '.github/workflows/release.yml'), 'utf8')

  test('vouches for where it was built, with no token of its own', () => {
    expect(workflow).toContain('npm publish')
    expect(workflow).toContain('--provenance')
    expect(workflow).toContain('id-token: write')
    expect(workflow).not.toMatch(/secrets\.|NODE_AUTH_TOKEN|_authToken/)
  })

  test('publishes what was checked, packed twice to the same bytes, and lists it', () => {
    const steps = ['.ci/run', 'npm pack', 'diff once.sha256', 'npm sbom', 'npm publish']
    const places = steps.map((step) => workflow.indexOf(step))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(places.every((place) => place > 0)).toBe(true)
    expect(workflow).toContain('npm publish "./once/')
  })

  test('publishes every package after those it depends on', () => {
    const names = /PACKAGES: (.+)/.exec(workflow)?.[1]?.split(' ') ?? []
    const published = Object.keys(lock.packages).filter((path) => path.startsWith('packages/'))
    expect(names.map((name) => `packages/${name}`).sort()).toEqual(
      published.filter((path) => !path.includes('/node_modules/')).sort(),
    )
    for (const [at, name] of names.entries()) {
      for (const dependency of Object.keys(locked(`packages/${name}`).dependencies ?? {})) {
        const [, own] = /^@arouter\/(.+)$/.exec(dependency) ?? []
        if (own) expect(names.indexOf(own), `${name} needs ${own}`).toBeLessThan(at)
      }
    }
  })
})
