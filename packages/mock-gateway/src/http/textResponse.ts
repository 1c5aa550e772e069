const texts = new WeakMap<Response, string>()

/** A response of text that can be sent as it is, without reading it from the response again. */
export function textResponse(text: string, init: ResponseInit): Response {
  const response = new Response(text, init)
  texts.set(response, text)
  return response
}

/** The text of a response that was made of one here. */
export function textOf(response: Response): string | undefined {
  return texts.get(response)
}
