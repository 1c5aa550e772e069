const DEEPEST = 64

/** Whether JSON text has at most 64 levels. Looked at before it is parsed: over a million, that takes seconds. */
export function isShallow(text: string): boolean {
  let depth = 0
  let isQuoted = false
  for (let at = 0; at < text.length && depth <= DEEPEST; at++) {
    const character = text[at]
    if (isQuoted) {
      if (character === '\\') at++
      else isQuoted = character !== '"'
    } else if (character === '"') isQuoted = true
    else if (character === '[' || character === '{') depth++
    else if (character === ']' || character === '}') depth--
  }
  return depth <= DEEPEST
}
