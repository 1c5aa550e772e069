import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A script with all it imports. */
export type ProcessScript = { readonly file: string; readonly remove: () => void }

/** Builds the script at `entry` and the packages' sources into one file. */
export async function buildProcess(entry: string): Promise<ProcessScript> {
  const folder = mkdtempSync(join(tmpdir(), 'arouter-process-'))
  const file = join(folder, 'process.mjs')
  await build({
    entryPoints: [entry],
    tsconfig: join(root, 'tsconfig.base.json'),
    outfile: file,
    platform: 'node',
    format: 'esm',
    bundle: true,
    minify: true,
    logLevel: 'error',
    // Native code cannot be built into a file.
    external: ['litesvm'],
    // CommonJS packages ask for Node's modules by require.
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)`,
    },
  })
  return { file, remove: () => rmSync(folder, { recursive: true }) }
}
