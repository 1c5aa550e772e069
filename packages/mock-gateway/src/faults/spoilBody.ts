import type { Connection } from '../http/Connection'
import { cutOff } from '../http/Connection'
import type { Fault } from './faults'

/** Half of a body: ended cleanly, or cut off with the connection. */
export function spoilBody(
  body: string,
  fault: Fault,
  connection: Connection,
): string | ReadableStream<Uint8Array> {
  const half = body.slice(0, Math.floor(body.length / 2))
  if (fault.kind === 'truncate-body') return half
  let sent = false
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        if (sent) {
          await flushed()
          return cutOff(connection)
        }
        sent = true
        controller.enqueue(new TextEncoder().encode(half))
      },
    },
    { highWaterMark: 0 },
  )
}

/** Gives what was written before a turn to leave the process. */
function flushed(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5))
}
