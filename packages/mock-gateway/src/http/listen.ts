import type { IncomingMessage } from 'node:http'
import { createServer, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { AppFetch } from '../origin'
import { errorBody, errorResponse } from './errorResponse'
import { invalidRequest } from './GatewayError'
import { textOf } from './textResponse'

/** A listening server. */
export interface Listener {
  readonly url: string
  /** Stops listening and destroys every open connection; a second time it does nothing. */
  close(): Promise<void>
}

/** Longer than a client idles: one that closes first can cut off a request that is on its way. */
const KEEP_ALIVE_MS = 120_000
/** Connections of a crowd that comes at once: what does not fit is let wait for seconds by TCP. */
const BACKLOG = 4_096

/** Serves the app on a loopback address. Rejects when the port is taken. */
export async function listen(app: AppFetch, host: string, port: number): Promise<Listener> {
  const handle = getRequestListener(
    async (request, { incoming, outgoing }) => {
      const response = await app(request, { destroy: () => incoming.socket?.destroy() })
      const text = textOf(response)
      if (text === undefined || !(outgoing instanceof ServerResponse)) return response
      const headers = Object.fromEntries(response.headers)
      // With its length known, head and body leave in one write.
      headers['content-length'] = String(Buffer.byteLength(text))
      outgoing.writeHead(response.status, headers)
      outgoing.end(text)
      return RESPONSE_ALREADY_SENT
    },
    // The global Request and Response belong to whoever embeds the gateway.
    {
      overrideGlobalObjects: false,
      hostname: host,
      errorHandler: () => errorResponse(invalidRequest('the request could not be read')),
    },
  )
  const server = createServer((incoming: IncomingMessage, outgoing: ServerResponse) => {
    handle(incoming, outgoing)
  })
  server.on('clientError', answerUnreadable)
  server.keepAliveTimeout = KEEP_ALIVE_MS
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host, backlog: BACKLOG }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const address = server.address()
  const bound = typeof address === 'object' && address ? address.port : port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: async () => {
      if (!server.listening) return
      const closed = new Promise<void>((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
      })
      server.closeAllConnections()
      await closed
    },
  }
}

/** What the HTTP parser refuses never reaches the app; it still gets the documented body. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const tooBig = error.code === 'HPE_HEADER_OVERFLOW'
  const body = errorBody(
    'invalid_request_error',
    tooBig ? 'the request headers are too large' : 'the request is malformed',
  )
  socket.end(
    [
      `HTTP/1.1 ${tooBig ? '431 Request Header Fields Too Large' : '400 Bad Request'}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `Date: ${new Date().toUTCString()}`,
      `X-Request-Id: ${crypto.randomUUID()}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}
