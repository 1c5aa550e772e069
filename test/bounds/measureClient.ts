import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { runCommand } from '../package/runCommand'

/** What a client in a process of its own came to. */
export type Measured = {
  /** The code of its error, or what it was answered. */
  readonly outcome: string
  /** By how many bytes its memory was larger at its highest than before. */
  readonly grown: number
}

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))

/** `client.ts` and the SDK's sources, built. */
export type ClientScript = { readonly file: string; readonly remove: () => void }

export async function buildClient(): Promise<ClientScript> {
  const outdir = mkdtempSync(join(tmpdir(), 'arouter-bounds-'))
  await build({
    entryPoints: [join(here, 'client.ts')],
    tsconfig: join(root, 'tsconfig.base.json'),
    outdir,
    outExtension: { '.js': '.mjs' },
    platform: 'node',
    format: 'esm',
    bundle: true,
    logLevel: 'error',
    // CommonJS packages ask for Node's modules by require.
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)`,
    },
  })
  return {
    file: join(outdir, 'client.mjs'),
    remove: () => rmSync(outdir, { recursive: true }),
  }
}

const TRIES = 3

/**
 * Runs one way of the client against `url`; see `client.ts`. Where it takes `limit` bytes it is run
 * anew, up to three times: now and then a runtime compiles or puts off collecting garbage just then.
 */
export async function measureClient(
  { file }: ClientScript,
  url: string,
  way: string,
  limit: number,
): Promise<Measured> {
  // A small young generation: what is garbage at once must not look like memory in use.
  const flags = ['--expose-gc', '--max-semi-space-size=1']
  for (let tries = 1; ; tries++) {
    const command = [...flags, file, url, way]
    const { code, stdout, output } = await runCommand(process.execPath, command, { cwd: root })
    if (code !== 0) throw new Error(output)
    const measured: Measured = JSON.parse(stdout)
    if (measured.grown < limit || tries === TRIES) return measured
  }
}
