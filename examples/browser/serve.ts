import { fileURLToPath } from 'node:url'
import { createMockGateway, type MockGateway } from '@arouter/mock-gateway'
import { createServer } from 'vite'

/** The app, and the gateway it talks to. */
export type App = {
  readonly url: string
  readonly gateway: MockGateway
  readonly close: () => Promise<void>
}

/** Serves the app and a mock gateway of its own on this machine, each on a port of its own. */
export async function serveApp(port?: number): Promise<App> {
  const gateway = await createMockGateway({
    // Test networks: whatever a real wallet signs here, it is never money.
    networks: ['eip155:84532', 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1'],
    price: '$0.25',
    chunkDelay: 40,
  })
  const server = await createServer({
    configFile: fileURLToPath(new URL('vite.config.ts', import.meta.url)),
    define: { GATEWAY: JSON.stringify({ url: gateway.url, rpc: gateway.rpc }) },
    logLevel: 'error',
    ...(port !== undefined && { server: { host: '127.0.0.1', port } }),
  })
  await server.listen()
  const [url] = server.resolvedUrls?.local ?? []
  if (!url) throw new Error('the server has no address')
  return {
    url,
    gateway,
    close: async () => {
      await server.close()
      await gateway.close()
    },
  }
}
