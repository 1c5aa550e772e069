import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))

/** Bundles a script of this folder, with the sdk's source, into one file; resolves to its path. */
export async function buildScript(name: string, platform: 'node' | 'browser'): Promise<string> {
  const outfile = join(mkdtempSync(join(tmpdir(), 'arouter-script-')), `${name}.mjs`)
  await build({
    entryPoints: [join(here, `${name}.ts`)],
    tsconfig: join(root, 'tsconfig.base.json'),
    outfile,
    platform,
    format: 'esm',
    bundle: true,
    logLevel: 'error',
    // CommonJS packages ask for Node's modules by require.
    ...(platform === 'node' && {
      banner: {
        js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)`,
      },
    }),
  })
  return outfile
}
