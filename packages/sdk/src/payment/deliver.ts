/**
 * The same response, with `onWhole` run once its body has reached the caller to the end, and before
 * the caller sees that end. A body that is cut or given up never runs it.
 */
export async function deliver(response: Response, onWhole: () => Promise<void>): Promise<Response> {
  if (!response.body) {
    await onWhole()
    return response
  }
  const watched = response.body.pipeThrough(new TransformStream({ flush: onWhole }))
  const { status, statusText, headers, url } = response
  const delivered = new Response(watched, { status, statusText, headers })
  Object.defineProperty(delivered, 'url', { value: url })
  return delivered
}
