import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCommand } from './runCommand'

/** The repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** What this test reads of a package.json. */
export type Manifest = {
  readonly name: string
  readonly version: string
  readonly exports: Readonly<Record<string, unknown>>
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
}

/** A package as its users get it. */
export type Installed = {
  readonly manifest: Manifest
  readonly tarball: string
  /** The specifiers its users may import. */
  readonly entries: readonly string[]
}

const npmEnv = { npm_config_update_notifier: 'false', npm_config_offline: 'true' }

/**
 * Packs a package of the repository into a new folder of `parent`.
 * @throws Error where the package has not been built.
 */
export async function packPackage(name: string, parent: string): Promise<string> {
  const cwd = join(root, 'packages', name)
  if (!existsSync(join(cwd, 'dist/index.js'))) {
    throw new Error(`packages/${name}/dist is missing: run "npm run build" first, or "npm test"`)
  }
  const folder = mkdtempSync(join(parent, 'pack-'))
  const args = ['pack', '--json', '--pack-destination', folder]
  const { code, stdout, output } = await runCommand('npm', args, { cwd, env: npmEnv })
  if (code !== 0) throw new Error(`npm pack of ${name} failed:\n${output}`)
  const [packed]: [{ filename: string }] = JSON.parse(stdout)
  return join(folder, packed.filename)
}

/**
 * Installs a tarball into the node_modules of `project` as npm would, but with no network: what it
 * depends on is linked from the repository, below the package itself. So a package that imports what
 * it does not declare does not find it.
 */
export async function installPackage(
  project: string,
  tarball: string,
  from: string,
): Promise<Installed> {
  const packed = join(root, 'packages', from)
  const source: Manifest = JSON.parse(readFileSync(join(packed, 'package.json'), 'utf8'))
  const target = join(project, 'node_modules', source.name)
  mkdirSync(target, { recursive: true })
  const unpack = ['-xzf', tarball, '--strip-components=1', '-C', target]
  const { code, output } = await runCommand('tar', unpack, { cwd: project })
  if (code !== 0) throw new Error(`${tarball} does not unpack:\n${output}`)
  const manifest: Manifest = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'))
  for (const dependency of Object.keys(manifest.dependencies ?? {})) {
    if (dependency.startsWith('@arouter/')) continue
    linkDependency(target, dependency, [packed, root])
  }
  const entries = Object.keys(manifest.exports)
    .filter((entry) => entry !== './package.json')
    .map((entry) => manifest.name + entry.slice(1))
  return { manifest, tarball, entries }
}

/** Links a third-party package into the node_modules of `target` from the first of `places` that has it. */
export function linkDependency(
  target: string,
  dependency: string,
  places: readonly string[],
): void {
  const found = places
    .map((place) => join(place, 'node_modules', dependency))
    .find((path) => existsSync(path))
  if (found === undefined) throw new Error(`${dependency} is not installed in the repository`)
  const link = join(target, 'node_modules', dependency)
  mkdirSync(dirname(link), { recursive: true })
  symlinkSync(found, link)
}
