import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  target: 'es2022',
  dts: true,
  clean: true,
  // For servers that render components of their own: hooks are for the client side. Rollup's pass
  // would leave it out.
  banner: { js: "'use client'" },
})
