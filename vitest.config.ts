import { defineConfig } from 'vitest/config'

const source = (name: string, entry = 'index') =>
  new URL(`./packages/${name}/src/${entry}.ts`, import.meta.url).pathname

export default defineConfig({
  resolve: {
    alias: {
      '@arouter/sdk/node': source('sdk', 'node'),
      '@arouter/sdk/redis': source('sdk', 'redis'),
      '@arouter/sdk/web': source('sdk', 'web'),
      '@arouter/sdk': source('sdk'),
      '@arouter/x402-evm': source('x402-evm'),
      '@arouter/x402-solana': source('x402-solana'),
      '@arouter/mock-gateway': source('mock-gateway'),
    },
  },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 60_000,
    // Most of the time is spent waiting for sockets and backoff, not for a processor.
    maxWorkers: 3,
    // An unhandled rejection is how a payment client takes its host process down.
    dangerouslyIgnoreUnhandledErrors: false,
  },
})
