import { defineConfig, type Options } from 'tsup'

const common: Options = {
  format: ['esm', 'cjs'],
  target: 'es2022',
  dts: true,
  // The Rollup pass leaves out what an entry does not use.
  treeshake: true,
}

export default defineConfig([
  // What a wallet does and what the API methods do are chunks of their own, loaded when first needed.
  // An agent's wallet is an entry of its own, which shares them: who does not import it does not ship it.
  { ...common, entry: ['src/index.ts', 'src/agent.ts'], splitting: true },
  // Stores share no chunk with the entry: each one more is a file more to load at its import.
  ...['node', 'openai', 'otel', 'redis', 'web'].map((name) => ({
    ...common,
    entry: [`src/${name}.ts`],
    splitting: false,
  })),
])
