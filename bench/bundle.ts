import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import type { Table } from './printTable'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What a page that pays from a local key has to load of ours. */
export const OURS = `export { ARouter, withX402EvmPayment } from '@arouter/sdk'
export { privateKeyToAccount } from 'viem/accounts'`

const OFFICIAL = `export { wrapFetchWithPayment } from '@x402/fetch'
export { x402Client } from '@x402/core/client'
export { ExactEvmScheme } from '@x402/evm/exact/client'
export { privateKeyToAccount } from 'viem/accounts'`

/** KiB of a minified browser bundle of these exports, gzip level 9. */
export async function gzipKiB(contents: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    bundle: true,
    minify: true,
    write: false,
    logLevel: 'error',
    // Without the paths of this repository: what is measured is the built package.
    tsconfigRaw: '{}',
  })
  const [bundle] = outputFiles
  if (!bundle) throw new Error('esbuild wrote nothing')
  return gzipSync(bundle.contents, { level: 9 }).length / 1_024
}

/** What a browser loads. */
export async function measureBundles(): Promise<Table> {
  const ours = '@arouter/sdk + viem account'
  return {
    title: 'Browser bundle, minified, gzip',
    unit: 'KiB',
    samples: {
      [ours]: [await gzipKiB(OURS)],
      '@arouter/sdk alone': [await gzipKiB(`export * from '@arouter/sdk'`)],
      'viem account alone': [await gzipKiB(`export { privateKeyToAccount } from 'viem/accounts'`)],
      '@x402/fetch + @x402/evm + viem account': [await gzipKiB(OFFICIAL)],
      'openai (no payments)': [await gzipKiB(`export { default } from 'openai'`)],
    },
    ours,
  }
}
