import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

/** A change to a package's source that breaks it on purpose, to see an oracle notice. */
export type Sabotage = {
  /** Path inside `packages`. */
  readonly file: string
  readonly from: string
  readonly to: string
}

export type Bundle = { readonly path: string; readonly remove: () => Promise<void> }

const PACKAGES = fileURLToPath(new URL('../../packages/', import.meta.url))

/**
 * The worker, or another `entry`, and the SDK's source in one file. That is faster than loading them one by one, and it
 * makes the SDK's own dynamic imports promises like any other: the virtual clock can wait for them.
 * @throws Error where `sabotage` does not find what it means to change.
 */
export async function bundleWorker(sabotage?: Sabotage, entry = './worker.ts'): Promise<Bundle> {
  const folder = await mkdtemp(join(tmpdir(), 'arouter-simulation-'))
  const path = join(folder, 'worker.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    plugins: sabotage ? [saboteur(sabotage)] : [],
  })
  return { path, remove: () => rm(folder, { recursive: true }) }
}

function saboteur({ file, from, to }: Sabotage): Plugin {
  return {
    name: 'saboteur',
    setup: ({ onLoad }) => {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (path !== PACKAGES + file) return undefined
        const source = await readFile(path, 'utf8')
        if (!source.includes(from)) throw new Error(`${file} has no ${from}`)
        return { contents: source.replace(from, () => to), loader: 'ts' }
      })
    },
  }
}
