import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
const source = (name: string, entry = 'index') => path(`../../packages/${name}/src/${entry}.ts`)

export default defineConfig({
  root: path('.'),
  cacheDir: path('../../node_modules/.vite/browser'),
  // The sources of this repository, so that a clone needs no build. Your app has no such lines.
  resolve: {
    alias: {
      '@arouter/sdk/web': source('sdk', 'web'),
      '@arouter/sdk': source('sdk'),
      '@arouter/react': source('react'),
      '@arouter/x402-evm': source('x402-evm'),
      '@arouter/x402-solana': source('x402-solana'),
    },
  },
  optimizeDeps: { include: ['react', 'react/jsx-runtime', 'react-dom/client', 'viem/accounts'] },
  server: { host: '127.0.0.1', port: 5173 },
})
