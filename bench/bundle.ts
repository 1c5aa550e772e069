import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import type { Table } from './printTable'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What a page that pays from a local key has to load of ours. */
export const OURS = `export { ARouter, withX402EvmPayment } from '@arouter/sdk'
export { privateKeyToAccount } from 'viem/accounts'`

/** What a page needs of ours to pay with MetaMask and its like. */
export const METAMASK = `export { ARouter, withX402EvmPayment } from '@arouter/sdk'
export { discoverEvmWallets, eip1193Signer } from '@arouter/x402-evm'`

/** The same for MetaMask, and Phantom and its like. */
export const BOTH = `export { ARouter, withX402Payment } from '@arouter/sdk'
export { discoverEvmWallets, eip1193Signer } from '@arouter/x402-evm'
export { discoverSolanaWallets, walletStandardSigner } from '@arouter/x402-solana'`

/** All that the React binding uses, and the binding. */
export const UNBOUND = `${BOTH}
export { webStore } from '@arouter/sdk/web'`
export const BOUND = `${UNBOUND}
export * from '@arouter/react'`

const OFFICIAL = `export { wrapFetchWithPayment } from '@x402/fetch'
export { x402Client } from '@x402/core/client'
export { ExactEvmScheme } from '@x402/evm/exact/client'
export { privateKeyToAccount } from 'viem/accounts'`

/** The official client for a wallet in the browser: viem makes its signer. */
export const OFFICIAL_METAMASK = `export { wrapFetchWithPayment } from '@x402/fetch'
export { x402Client } from '@x402/core/client'
export { ExactEvmScheme } from '@x402/evm/exact/client'
export { createWalletClient, custom } from 'viem'`

/** The same for both chains, without the signer that a Solana wallet needs: it has none. */
export const OFFICIAL_BOTH = `${OFFICIAL_METAMASK}
export { ExactSvmScheme } from '@x402/svm/exact/client'`

/** A minified browser bundle in KiB after gzip, level 9: what a page loads at its start, and in all. */
export type BundleSize = { readonly atStart: number; readonly inAll: number }

/** Bundles these exports as a page would, with what is imported on demand in chunks of its own. */
export async function bundleSize(contents: string): Promise<BundleSize> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: root },
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    bundle: true,
    splitting: true,
    outdir: join(root, 'bundle'),
    absWorkingDir: root,
    metafile: true,
    minify: true,
    write: false,
    logLevel: 'error',
    // A page has its own React, whatever it takes of ours.
    external: ['react'],
    // Without the paths of this repository: what is measured is the built package.
    tsconfigRaw: '{}',
  })
  const sizes = new Map(
    outputFiles.map(({ path, contents: bytes }) => [
      relative(root, path),
      gzipSync(bytes, { level: 9 }).length / 1_024,
    ]),
  )
  // A chunk that is imported on demand counts as an entry point too.
  const isEntry = (path: string) => metafile.outputs[path]?.entryPoint === '<stdin>'
  const entry = Object.keys(metafile.outputs).find(isEntry)
  if (!entry) throw new Error('esbuild wrote no entry')
  const reach = (kinds: readonly string[]) => {
    const found = new Set([entry])
    for (const path of found) {
      for (const { path: next, kind } of metafile.outputs[path]?.imports ?? []) {
        if (kinds.includes(kind)) found.add(next)
      }
    }
    return [...found].reduce((sum, path) => sum + (sizes.get(path) ?? 0), 0)
  }
  return {
    atStart: reach(['import-statement']),
    inAll: reach(['import-statement', 'dynamic-import']),
  }
}

const SUBJECTS = {
  '@arouter/sdk + viem account': OURS,
  '@arouter/sdk, one EVM wallet': `export { ARouter, withX402EvmPayment } from '@arouter/sdk'`,
  '@arouter/sdk, one Solana wallet': `export { ARouter, withX402SolanaPayment } from '@arouter/sdk'`,
  '@arouter/sdk + MetaMask': METAMASK,
  '@arouter/sdk + MetaMask + Phantom': BOTH,
  'viem account alone': `export { privateKeyToAccount } from 'viem/accounts'`,
  '@x402/fetch + @x402/evm + viem account': OFFICIAL,
  '@x402/fetch + @x402/evm + MetaMask by viem': OFFICIAL_METAMASK,
  '@x402/fetch + both chains': OFFICIAL_BOTH,
  'openai (no payments)': `export { default } from 'openai'`,
}

/** What a browser loads. */
export async function measureBundles(): Promise<Table[]> {
  const names = Object.entries(SUBJECTS)
  const sizes = await Promise.all(
    names.map(async ([name, contents]) => [name, await bundleSize(contents)] as const),
  )
  const table = (title: string, part: keyof BundleSize): Table => ({
    title: `Browser bundle, minified, gzip: ${title}`,
    unit: 'KiB',
    samples: Object.fromEntries(sizes.map(([name, size]) => [name, [size[part]]])),
    ours: '@arouter/sdk + viem account',
  })
  return [
    table('what a page loads at its start', 'atStart'),
    table('with all that is loaded on demand', 'inAll'),
  ]
}
