import type { Json } from './Store'

/** The value of a JSON text; undefined where it is none. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // A damaged record: the caller names it.
  }
}
