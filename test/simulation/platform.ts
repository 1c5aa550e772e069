// What the SDK uses of the web platform, at a fiftieth of its cost: a schedule is to take a millisecond,
// and the platform's own streams, signals and headers would take ten. Runs on the real ones check it.

import type { Timeline } from './Timeline'

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

  /** The same once more, before anything of it was read. */
  clone(): PlainBody {
    return new PlainBody(this.#chunks, this.#onEnd)
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

type PlainInit = {
  readonly status?: number
  readonly statusText?: string
  readonly headers?: HeadersLike | undefined
}

type HeadersLike = Iterable<readonly [string, string]> | Readonly<Record<string, string>>
type Content = PlainBody | Uint8Array | string | null

class PlainResponse {
  readonly body: PlainBody | null
  readonly status: number
  readonly statusText: string
  readonly headers: PlainHeaders
  readonly ok: boolean
  readonly type = 'default'
  readonly url = ''

  static json(value: unknown, init: PlainInit = {}): PlainResponse {
    return new PlainResponse(JSON.stringify(value), init)
  }

  constructor(body?: Content, init: PlainInit = {}) {
    this.body = bodyOf(body)
    this.status = init.status ?? 200
    this.statusText = init.statusText ?? ''
    this.headers = new PlainHeaders(init.headers)
    this.ok = this.status >= 200 && this.status < 300
  }

  clone(): PlainResponse {
    return new PlainResponse(this.body?.clone(), this)
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text())
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

function bodyOf(content: Content | undefined): PlainBody | null {
  if (content instanceof PlainBody) return content
  if (content === undefined || content === null) return null
  return new PlainBody([typeof content === 'string' ? encoder.encode(content) : content])
}

class PlainRequest {
  readonly url: string
  readonly method: string
  readonly headers: PlainHeaders
  readonly signal: PlainSignal
  readonly body = null

  constructor(url: string, { method = 'GET', headers, signal }: PlainRequestInit = {}) {
    this.url = url
    this.method = method
    this.headers = new PlainHeaders(headers)
    this.signal = signal ?? new PlainSignal()
  }
}

/** Of requests without a body. */
type PlainRequestInit = {
  readonly method?: string
  readonly headers?: HeadersLike
  readonly signal?: PlainSignal
}

class PlainHeaders {
  readonly #values = new Map<string, string>()

  constructor(init: HeadersLike = {}) {
    const entries = Symbol.iterator in init ? init : Object.entries(init)
    for (const [name, value] of entries) this.set(name, value)
  }

  get(name: string): string | null {
    return this.#values.get(name.toLowerCase()) ?? null
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase())
  }

  set(name: string, value: string): void {
    this.#values.set(name.toLowerCase(), value)
  }

  delete(name: string): void {
    this.#values.delete(name.toLowerCase())
  }

  [Symbol.iterator](): Iterator<[string, string]> {
    return this.#values.entries()
  }
}

class PlainSignal {
  aborted = false
  reason: unknown
  readonly #listeners = new Set<() => void>()

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.add(listener)
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.delete(listener)
  }

  fire(reason: unknown): void {
    if (this.aborted) return
    this.aborted = true
    this.reason = reason
    for (const listener of [...this.#listeners]) listener()
  }

  static any(signals: readonly PlainSignal[]): PlainSignal {
    const either = new PlainSignal()
    for (const signal of signals) {
      if (signal.aborted) either.fire(signal.reason)
      else signal.addEventListener('abort', () => either.fire(signal.reason))
    }
    return either
  }
}

class PlainController {
  readonly signal = new PlainSignal()
  abort(reason: unknown = new Error('aborted')): void {
    this.signal.fire(reason)
  }
}

let drawn = 0

// Ids need only differ from each other.
function fillWithCounter(bytes: Uint8Array): Uint8Array {
  drawn++
  for (let at = 0; at < bytes.length; at++) bytes[at] = at < 6 ? Math.floor(drawn / 256 ** at) : 0
  return bytes
}

const encoder = new TextEncoder()

type Answer = { readonly status: number; readonly headers: Readonly<Record<string, string>> }

/** How the simulated network makes answers: of the platform's own kind, or of the light one. */
export type Platform = {
  readonly respond: (init: Answer, text: string, cut: 'whole' | 'cut') => Response
  /** Makes `AbortSignal.timeout` go by this time from now on. */
  readonly keepTime: (timeline: Timeline) => void
}

function keepTime({ after }: Timeline): void {
  const timeout = (ms: number) => {
    const controller = new AbortController()
    after(ms, () => controller.abort(new Error(`no answer within ${ms} ms`)))
    return controller.signal
  }
  Object.assign(AbortSignal, { timeout })
}

export const realPlatform: Platform = {
  keepTime,
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

/** Puts the light kinds in the place of the platform's, in this process and for good: a worker's. */
export function installLightPlatform(): Platform {
  Object.assign(globalThis, {
    Request: PlainRequest,
    Response: PlainResponse,
    TransformStream: PlainTransform,
    Headers: PlainHeaders,
    AbortController: PlainController,
    AbortSignal: PlainSignal,
    atob: (text: string) => Buffer.from(text, 'base64').toString('latin1'),
    btoa: (binary: string) => Buffer.from(binary, 'latin1').toString('base64'),
  })
  Object.assign(globalThis.crypto, { getRandomValues: fillWithCounter })
  return {
    keepTime,
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
