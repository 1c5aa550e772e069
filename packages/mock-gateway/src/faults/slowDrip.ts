import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from './faults'

/** The same response, its body a few bytes at a time. */
export function slowDrip(response: Response, fault: Fault): Response {
  if (!response.body) return response
  const size = fault.bytes ?? 1
  const pause = fault.every ?? 20
  const pieces = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: async (chunk, controller) => {
        for (let start = 0; start < chunk.length; start += size) {
          await sleep(pause)
          controller.enqueue(chunk.subarray(start, start + size))
        }
      },
    }),
  )
  return new Response(pieces, { status: response.status, headers: response.headers })
}
