/** Deepest nesting of an answer: real ones have some ten levels, and at a few thousand others' code breaks. */
const DEEPEST = 256

/**
 * Parses JSON that somebody else wrote, of at most `levels` levels. How deep it is is looked at first:
 * a parser takes seconds over a million levels, and whatever walks the value later overflows its stack.
 * @throws SyntaxError where it is no JSON; RangeError where it is deeper.
 */
export function parseBounded(text: string, levels = DEEPEST): unknown {
  // A level takes two characters: most events of a stream are too short for so many.
  const isShort = text.length <= 2 * levels
  if (!isShort && !opensFew(text, levels) && !isShallow(text, levels)) {
    throw new RangeError('nested too deeply')
  }
  return JSON.parse(text)
}

// What opens no more than that often is no deeper: most answers need no further look.
function opensFew(text: string, most: number): boolean {
  let count = 0
  for (const opening of ['[', '{']) {
    for (let at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, at + 1)) {
      if (++count > most) return false
    }
  }
  return true
}

function isShallow(text: string, levels: number): boolean {
  let depth = 0
  let isQuoted = false
  for (let at = 0; at < text.length && depth <= levels; at++) {
    const character = text[at]
    if (isQuoted) {
      if (character === '\\') at++
      else isQuoted = character !== '"'
    } else if (character === '"') isQuoted = true
    else if (character === '[' || character === '{') depth++
    else if (character === ']' || character === '}') depth--
  }
  return depth <= levels
}
