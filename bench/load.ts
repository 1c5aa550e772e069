import { connect, type Socket } from 'node:net'

/** Connections that are busy at once. */
const CONNECTIONS = 64

/**
 * Sends whole HTTP/1.1 requests over connections that stay open, each as soon as one is free, and resolves
 * to how many were answered in a second. A client of its own, since `fetch` would take more time than the
 * servers that are measured.
 * @throws Error for any answer but 200.
 */
export async function requestsPerSecond(
  port: number,
  requests: readonly Buffer[],
): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(port)))
  let next = 0
  const run = async (socket: Socket) => {
    for (let request = requests[next++]; request; request = requests[next++]) {
      await exchange(socket, request)
    }
  }
  const start = process.hrtime.bigint()
  await Promise.all(sockets.map(run))
  const seconds = Number(process.hrtime.bigint() - start) / 1e9
  for (const socket of sockets) socket.destroy()
  return requests.length / seconds
}

/** The bytes of a POST of JSON. */
export function post(
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Buffer {
  const all = { host: '127.0.0.1', 'content-type': 'application/json', ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  const length = `content-length: ${Buffer.byteLength(body)}`
  return Buffer.from([`POST ${path} HTTP/1.1`, ...lines, length, '', body].join('\r\n'))
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket.setNoDelay()))
    socket.once('error', reject)
  })
}

/** One request and the whole of its answer. */
function exchange(socket: Socket, request: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ''
    const hear = (piece: Buffer) => {
      text += piece.toString('latin1')
      if (!isWhole(text)) return
      socket.off('data', hear)
      socket.off('error', reject)
      if (text.startsWith('HTTP/1.1 200 ')) resolve()
      else reject(new Error(`not served: ${text.slice(0, 300)}`))
    }
    socket.on('data', hear)
    socket.on('error', reject)
    socket.write(request)
  })
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  const [, length] = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end + 2)) ?? []
  if (length !== undefined) return text.length >= end + 4 + Number(length)
  return text.endsWith('\r\n0\r\n\r\n')
}
