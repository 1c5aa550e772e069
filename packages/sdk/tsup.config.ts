import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/node.ts', 'src/redis.ts', 'src/web.ts'],
  format: ['esm', 'cjs'],
  target: 'es2022',
  dts: true,
  clean: true,
  // The Rollup pass leaves out what an entry does not use.
  treeshake: true,
  // The payment engine is a chunk of its own, loaded at the first 402.
  splitting: true,
})
