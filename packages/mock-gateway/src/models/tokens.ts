const PIECE = /\s*\S{1,4}/gu

/** The tokens of a text: runs of at most four characters, each with the space before it. */
export function tokenize(text: string): readonly string[] {
  return text.match(PIECE) ?? []
}
