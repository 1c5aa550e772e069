/** How a body came to its end: read to its last byte, broken off, or given up by who read it. */
export type BodyEnd = 'whole' | 'broken' | 'left'

/** The same response, with its text shown to `read` as it passes, and its end to `onEnd`, once. */
export function watchBody(
  response: Response,
  read: (text: string) => void,
  onEnd: (how: BodyEnd, cause?: unknown) => void,
): Response {
  if (!response.body) {
    onEnd('whole')
    return response
  }
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const { done, value } = await reader.read()
          if (!done) {
            read(decoder.decode(value, { stream: true }))
            controller.enqueue(value)
            return
          }
          onEnd('whole')
          controller.close()
        } catch (cause) {
          onEnd('broken', cause)
          controller.error(cause)
        }
      },
      cancel: (reason) => {
        onEnd('left')
        return reader.cancel(reason)
      },
    },
    { highWaterMark: 0 }, // Nothing is read ahead of who reads.
  )
  const { status, statusText, headers, url } = response
  const watched = new Response(body, { status, statusText, headers })
  Object.defineProperty(watched, 'url', { value: url })
  return watched
}
