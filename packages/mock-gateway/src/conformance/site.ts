import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request as a server saw it. */
export interface Seen {
  readonly method: string
  /** Path and query. */
  readonly path: string
  /** The host it was addressed to, by its `Host` header. */
  readonly host: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** An answer; `reset` destroys the socket, `silence` never answers. */
export type Reply =
  | {
      readonly status?: number
      readonly headers?: Readonly<Record<string, string | string[]>>
      readonly body?: string | ((response: ServerResponse) => void)
    }
  | 'reset'
  | 'silence'

/** A server made by hand. */
export interface Site {
  /** `http://127.0.0.1:port`. */
  readonly url: string
  /** The same server under another name. */
  readonly alias: string
  readonly seen: readonly Seen[]
  close(): void
}

/** Starts a server on the loopback address that keeps all it is sent. */
export async function openSite(answer: (seen: Seen) => Reply | Promise<Reply>): Promise<Site> {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    read(request)
      .then(async (one) => {
        seen.push(one)
        send(await answer(one), response)
      })
      .catch(() => response.destroy()) // The client has gone, or a scenario's own answer threw.
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on TCP
  return {
    url: `http://127.0.0.1:${port}`,
    alias: `http://localhost:${port}`,
    seen,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function read(request: IncomingMessage): Promise<Seen> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const { method = '', url: path = '', headers } = request
  const body = Buffer.concat(chunks).toString('latin1')
  return { method, path, host: headers.host ?? '', headers, body }
}

function send(reply: Reply, response: ServerResponse): void {
  if (reply === 'silence') return
  if (reply === 'reset') return void response.destroy()
  response.writeHead(reply.status ?? 200, reply.headers)
  if (typeof reply.body === 'function') reply.body(response)
  else response.end(reply.body)
}
