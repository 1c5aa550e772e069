import { serveApp } from './serve'

const { url, gateway, close } = await serveApp()
console.log(
  `Open ${url}\nIt pays a mock gateway at ${gateway.url}: play money, on this machine only.`,
)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, close)
