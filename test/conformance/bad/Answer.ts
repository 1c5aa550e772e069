/** A response and what was read of it. */
export type Answer = {
  readonly response: Response
  /** The body, except of a 402 that has its terms in a header. */
  readonly text: string
  /** Milliseconds, by the server's own word where it gives one. */
  readonly date: number
}

/** A JSON object, whatever is in it. */
export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** JSON, or undefined. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8')
}
