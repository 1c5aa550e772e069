import { defineConfig } from 'tsup'

export default defineConfig({
  // The curve is in `verify` alone: the entries share no chunk, so each import loads one file.
  entry: ['src/index.ts', 'src/witness.ts', 'src/verify.ts'],
  format: ['esm', 'cjs'],
  target: 'es2022',
  dts: true,
  treeshake: true,
  splitting: false,
})
