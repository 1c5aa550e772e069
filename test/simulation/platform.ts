/**
 * `Response` and `TransformStream` as far as the SDK uses them, at a fiftieth of their cost: a
 * schedule is a millisecond, and the platform's streams alone would take most of it.
 */
type Chunk = Uint8Array | Error
type Flush = () => unknown

class PlainBody {
  #chunks: Chunk[]
  readonly #onEnd: Flush | undefined
  #isOver = false

  constructor(chunks: readonly Chunk[], onEnd?: Flush) {
    this.#chunks = [...chunks]
    this.#onEnd = onEnd
  }

  pipeThrough({ flush }: PlainTransform): PlainBody {
    return new PlainBody(this.#chunks, flush)
  }

  async cancel(): Promise<void> {
    this.#isOver = true
    this.#chunks = []
  }

  getReader() {
    return { read: () => this.read(), cancel: () => this.cancel() }
  }

  async read(): Promise<{ done: boolean; value?: Uint8Array }> {
    const chunk = this.#chunks.shift()
    if (chunk instanceof Error) {
      this.#isOver = true
      throw chunk
    }
    if (chunk) return { done: false, value: chunk }
    if (!this.#isOver) {
      this.#isOver = true
      await this.#onEnd?.()
    }
    return { done: true }
  }
}

class PlainTransform {
  readonly flush: Flush
  constructor({ flush }: { flush: Flush }) {
    this.flush = flush
  }
}

class PlainResponse {
  readonly body: PlainBody | null
  readonly status: number
  readonly statusText: string
  readonly headers: Headers
  readonly ok: boolean
  readonly type = 'default'
  readonly url = ''

  constructor(body?: PlainBody | string | null, init: ResponseInit = {}) {
    this.body = typeof body === 'string' ? new PlainBody([encoder.encode(body)]) : (body ?? null)
    this.status = init.status ?? 200
    this.statusText = init.statusText ?? ''
    this.headers = init.headers instanceof Headers ? init.headers : new Headers(init.headers)
    this.ok = this.status >= 200 && this.status < 300
  }

  async text(): Promise<string> {
    let text = ''
    const decoder = new TextDecoder()
    for (;;) {
      const { done, value } = await (this.body?.read() ?? { done: true, value: undefined })
      if (done) return text
      text += decoder.decode(value)
    }
  }
}

const encoder = new TextEncoder()

/** How the simulated network makes answers: of the platform's own kind, or of the light one. */
export type Platform = {
  readonly respond: (init: ResponseInit, text: string, cut: 'whole' | 'cut') => Response
}

export const realPlatform: Platform = {
  respond: (init, text, cut) => {
    if (cut === 'whole') return new Response(text, init)
    let pulls = 0
    const body = new ReadableStream({
      pull: (controller) => {
        if (pulls++ === 0) controller.enqueue(encoder.encode(text.slice(0, text.length / 2)))
        else controller.error(new TypeError('terminated'))
      },
    })
    return new Response(body, init)
  },
}

/** Puts the light kinds in the place of the platform's, in this process and for good. */
export function installLightPlatform(): Platform {
  Object.assign(globalThis, { Response: PlainResponse, TransformStream: PlainTransform })
  return {
    respond: (init, text, cut) => {
      const bytes = encoder.encode(text)
      const chunks =
        cut === 'whole'
          ? [bytes]
          : [bytes.subarray(0, bytes.length / 2), new TypeError('terminated')]
      return new PlainResponse(new PlainBody(chunks), init) as unknown as Response // see above
    },
  }
}
