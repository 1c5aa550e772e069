import { defineConfig } from 'tsup'

export default defineConfig({
  // A bundler takes what an entry may import with it: web3.js is reached from `phantom` alone.
  entry: ['src/index.ts', 'src/phantom.ts', 'src/witness.ts'],
  format: ['esm', 'cjs'],
  target: 'es2022',
  dts: true,
  clean: true,
  treeshake: true,
  splitting: true,
})
