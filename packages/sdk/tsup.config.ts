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
  // An agent's wallet and the systems it pays at are entries of their own, which share them: who does not
  // import one does not ship it, and errors are of the same classes in all.
  {
    ...common,
    entry: {
      index: 'src/index.ts',
      agent: 'src/agent.ts',
      funds: 'src/funds.ts',
      ...Object.fromEntries(
        ['aixbt', 'key0', 'mcp', 'solrouter'].map((name) => [
          name,
          `src/dialects/${name}/index.ts`,
        ]),
      ),
    },
    splitting: true,
  },
  // Stores share no chunk with the entry: each one more is a file more to load at its import.
  ...['node', 'openai', 'otel', 'receipt', 'redis', 'web'].map((name) => ({
    ...common,
    entry: [`src/${name}.ts`],
    splitting: false,
  })),
])
