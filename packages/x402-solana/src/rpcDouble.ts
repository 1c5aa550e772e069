import { createServer } from 'node:http'
import { onTestFinished } from 'vitest'

/** What each method answers; one that throws, or is missing, answers with an error. */
export type Methods = Readonly<Record<string, (params: readonly unknown[]) => unknown>>

/** A JSON-RPC server for tests, on a loopback socket, until the test ends; a string is its whole answer. */
export async function startRpcDouble(methods: Methods | string) {
  const calls: { readonly method: string; readonly params: readonly unknown[] }[] = []
  const answer = (body: string) => {
    if (typeof methods === 'string') return methods
    const { id, method, params } = JSON.parse(body)
    calls.push({ method, params })
    try {
      return JSON.stringify({ jsonrpc: '2.0', id, result: methods[method]?.(params) })
    } catch (error) {
      return JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32000, message: String(error) } })
    }
  }
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    response.end(answer(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port')
  return { url: `http://127.0.0.1:${address.port}`, calls }
}
