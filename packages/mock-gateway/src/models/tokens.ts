const PIECE = /\s*\S{1,4}/gu

/** How many tokens a text has. */
export function countTokens(text: string): number {
  let count = 0
  for (PIECE.lastIndex = 0; PIECE.test(text); ) count += 1
  return count
}

/** The tokens of a text: runs of at most four characters, each with the space before it. */
export function tokenize(text: string): readonly string[] {
  return text.match(PIECE) ?? []
}
