import { defineConfig } from 'vitest/config'

const source = (name: string) =>
  new URL(`./packages/${name}/src/index.ts`, import.meta.url).pathname

export default defineConfig({
  resolve: {
    alias: {
      '@arouter/sdk': source('sdk'),
      '@arouter/x402-evm': source('x402-evm'),
      '@arouter/x402-solana': source('x402-solana'),
      '@arouter/mock-gateway': source('mock-gateway'),
    },
  },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 30_000,
    // An unhandled rejection is how a payment client takes its host process down.
    dangerouslyIgnoreUnhandledErrors: false,
  },
})
