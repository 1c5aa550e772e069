import { defineConfig } from 'tsup'

export default defineConfig([
  {
    entry: { index: 'src/index.ts', conformance: 'src/conformance/index.ts' },
    format: ['esm', 'cjs'],
    target: 'es2022',
    dts: true,
    // The Rollup pass gives CommonJS output that can require an ESM-default package such as bs58.
    treeshake: true,
    splitting: false,
  },
  {
    entry: { local: 'src/local/index.ts' },
    format: ['esm', 'cjs'],
    target: 'es2022',
    dts: true,
    // Its peers are found from where it is, in both formats.
    shims: true,
    treeshake: true,
    splitting: false,
  },
  {
    entry: { cli: 'src/cli.ts', conformanceCli: 'src/conformance/cli.ts' },
    format: ['esm'],
    target: 'es2022',
    splitting: false,
    banner: { js: '#!/usr/bin/env node' },
  },
])
