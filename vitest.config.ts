import { defineConfig } from 'vitest/config'

const source = (name: string, entry = 'index') =>
  new URL(`./packages/${name}/src/${entry}.ts`, import.meta.url).pathname

const crowds = ['processes', 'chains', 'simulation', 'store', 'package', 'browser'].map(
  (name) => `test/${name}/**/*.test.ts`,
)

/** End to end, again on chains that run on this machine, with Circle's USDC and SPL tokens. */
const onLocalChains = {
  include: ['e2e/*', 'dialects/{aixbt,key0,key0Transports,solrouter}', 'key0/*'].map(
    (name) => `test/${name}.test.ts`,
  ),
  // What a local chain cannot do, or has no part in.
  exclude: [
    'contractWallets', // wallets whose code is a function of the test: a chain takes contracts only
    'aborts', // no gateway: servers of their own from here on
    'hostileAnswers',
    'redirects',
    'secrets',
    'signatureKinds',
  ].map((name) => `test/e2e/${name}.test.ts`),
}

/** What is tested, built by hooks or waited for is there at once, except on a machine that others keep busy. */
export const PATIENCE = {
  testTimeout: 60_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 20_000 } },
}

export default defineConfig({
  resolve: {
    alias: {
      '@arouter/sdk/agent': source('sdk', 'agent'),
      '@arouter/sdk/aixbt': source('sdk', 'dialects/aixbt/index'),
      '@arouter/sdk/funds': source('sdk', 'funds'),
      '@arouter/sdk/key0': source('sdk', 'dialects/key0/index'),
      '@arouter/sdk/node': source('sdk', 'node'),
      '@arouter/sdk/openai': source('sdk', 'openai'),
      '@arouter/sdk/otel': source('sdk', 'otel'),
      '@arouter/sdk/receipt': source('sdk', 'receipt'),
      '@arouter/sdk/redis': source('sdk', 'redis'),
      '@arouter/sdk/mcp': source('sdk', 'dialects/mcp/index'),
      '@arouter/sdk/solrouter': source('sdk', 'dialects/solrouter/index'),
      '@arouter/sdk/web': source('sdk', 'web'),
      '@arouter/sdk': source('sdk'),
      '@arouter/ai-sdk': source('ai-sdk'),
      '@arouter/react': source('react'),
      '@arouter/x402-evm/witness': source('x402-evm', 'witness'),
      '@arouter/x402-evm/verify': source('x402-evm', 'verify'),
      '@arouter/x402-evm': source('x402-evm'),
      '@arouter/x402-solana/phantom': source('x402-solana', 'phantom'),
      '@arouter/x402-solana/witness': source('x402-solana', 'witness'),
      '@arouter/x402-solana': source('x402-solana'),
      '@arouter/mock-gateway/conformance': source('mock-gateway', 'conformance/index'),
      '@arouter/mock-gateway/local': source('mock-gateway', 'local/index'),
      '@arouter/mock-gateway': source('mock-gateway'),
    },
  },
  test: {
    ...PATIENCE,
    setupFiles: [
      // After each test: no key, token or signature in a log or an error.
      './test/support/leaks.setup.ts',
      // Wherever clients keep their books, they can be compared with the gateway's and the chain's.
      './test/support/books/noteStores.setup.ts',
    ].map((file) => new URL(file, import.meta.url).pathname),
    // An unhandled rejection is how a payment client takes its host process down.
    dangerouslyIgnoreUnhandledErrors: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'files',
          include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: crowds,
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          // They start processes by the dozen, and would starve what runs beside them.
          name: 'crowds',
          include: crowds,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'local',
          ...onLocalChains,
          env: { AROUTER_CHAIN: 'local' },
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
