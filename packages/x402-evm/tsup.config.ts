import { defineConfig, type Options } from 'tsup'

const common: Options = {
  format: ['esm', 'cjs'],
  target: 'es2022',
  dts: true,
  treeshake: true,
}

export default defineConfig([
  // Asking the chain is a chunk of its own, loaded when a payment's outcome is in doubt.
  { ...common, entry: ['src/index.ts'], splitting: true },
  // The curve is in this entry alone, and shares no chunk with the other.
  { ...common, entry: ['src/verify.ts'], splitting: false },
])
