import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))

/** Pages on a port of their own, so that the gateway is of another origin. */
export type Pages = { readonly origin: string; readonly close: () => void }

/**
 * Bundles a script of this folder as a page would, with what is loaded on demand in files of its own,
 * and serves a page that runs it.
 */
export async function servePages(script: string): Promise<Pages> {
  const { outputFiles } = await build({
    entryPoints: [{ in: `${here}${script}`, out: 'page' }],
    tsconfig: `${root}tsconfig.base.json`,
    outdir: here,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    bundle: true,
    splitting: true,
    write: false,
    define: { 'process.env.NODE_ENV': '"development"' },
    logLevel: 'error',
  })
  const files = new Map(outputFiles.map(({ path, text }) => [`/${path.slice(here.length)}`, text]))
  const server = createServer(({ url = '' }, answer) => {
    const text = files.get(url)
    answer.setHeader('content-type', text === undefined ? 'text/html' : 'text/javascript')
    answer.end(
      text ?? '<!doctype html><div id="root"></div><script type="module" src="/page.js"></script>',
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the server has no port')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
