import { defineConfig, type Options } from 'tsup'

// What a wallet does and what the API methods do are chunks of their own, loaded when first needed.
// An agent's wallet and the systems it pays at are entries of their own, which share them: who does not
// import one does not ship it, and errors are of the same classes in all.
const sharing = {
  index: 'src/index.ts',
  agent: 'src/agent.ts',
  funds: 'src/funds.ts',
  ...Object.fromEntries(
    ['aixbt', 'key0', 'mcp', 'solrouter'].map((name) => [name, `src/dialects/${name}/index.ts`]),
  ),
}
// Stores share no chunk with the entry: each one more is a file more to load at its import.
const alone = ['node', 'openai', 'otel', 'receipt', 'redis', 'web'].map(
  (name) => [name, `src/${name}.ts`] as const,
)

const common: Options = {
  format: ['esm', 'cjs'],
  target: 'es2022',
  // The Rollup pass leaves out what an entry does not use.
  treeshake: true,
}

export default defineConfig([
  {
    ...common,
    entry: sharing,
    splitting: true,
    // One program of types for all entries: each one more takes as long as the first.
    dts: { entry: { ...sharing, ...Object.fromEntries(alone) } },
  },
  ...alone.map(([name, path]) => ({ ...common, entry: { [name]: path }, splitting: false })),
])
