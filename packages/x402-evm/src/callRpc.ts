import { field } from './field'
import { isShallow } from './isShallow'
import { WalletError } from './WalletError'
import type { ChainContext } from './wallet'

const TIMEOUT_MS = 10_000
// A block with the hashes of its transactions, the longest answer asked for, has some hundred KiB.
const MOST_BYTES = 1 * 1024 * 1024

/**
 * One JSON-RPC 2.0 call. Throws `WalletError` `rpc_failed` if there is no result in time, or a larger or
 * deeper one than is read; the URL, which may hold an access key, is in no message.
 */
export async function callRpc(
  url: string,
  method: string,
  params: readonly unknown[],
  context: Pick<ChainContext, 'fetch' | 'signal'>,
): Promise<unknown> {
  // Called bare: a browser's fetch refuses to run as a method of another object.
  const { fetch, signal } = context
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  let answer: unknown
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      redirect: 'error',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    })
    const text = await new Response(bounded(response)).text()
    if (!isShallow(text)) throw new RangeError('an answer that is nested too deeply')
    answer = JSON.parse(text)
  } catch (cause) {
    throw failed(method, cause)
  }
  const result = field(answer, 'result')
  if (result === undefined) throw failed(method)
  return result
}

/** The body of a response, which fails once it is too large: then its connection is closed. */
function bounded({ body }: Response): ReadableStream<Uint8Array> | undefined {
  let size = 0
  return body?.pipeThrough(
    new TransformStream({
      transform: (piece: Uint8Array, controller) => {
        size += piece.byteLength
        if (size > MOST_BYTES) throw new RangeError(`an answer of over ${MOST_BYTES} bytes`)
        controller.enqueue(piece)
      },
    }),
  )
}

const failed = (method: string, cause?: unknown) =>
  new WalletError('rpc_failed', `The RPC server gave no result for ${method}.`, { cause })
