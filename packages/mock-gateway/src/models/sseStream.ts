/** Bytes of server-sent events, one enqueued per pull, so that nothing is made ahead of the reader. */
export function sseStream(
  events: AsyncGenerator<string>,
  onEnd: (how: 'ended' | 'abandoned') => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let open = true
  const end = (how: 'ended' | 'abandoned') => {
    if (open) onEnd(how)
    open = false
  }
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await events.next()
        if (!open) return
        if (done) {
          end('ended')
          controller.close()
        } else {
          controller.enqueue(encoder.encode(value))
        }
      },
      // The generator may be waiting for good; it is left to the garbage collector.
      cancel: () => end('abandoned'),
    },
    { highWaterMark: 0 },
  )
}
