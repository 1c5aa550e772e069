import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  target: 'es2022',
  dts: true,
  clean: true,
  treeshake: true,
  // Asking the chain is a chunk of its own, loaded when a payment's outcome is in doubt.
  splitting: true,
})
