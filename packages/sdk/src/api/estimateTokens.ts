/** Members whose text is no text to a model: images, sound and files. */
const MEDIA = new Set(['image_url', 'input_audio', 'file', 'source'])
const CHARACTERS_PER_TOKEN = 4
/** What each byte adds that a character has beyond its first: outside of ASCII tokens are shorter. */
const TOKENS_PER_BYTE_MORE = 0.4

const encoder = new TextEncoder()

/** About how many tokens the text in a value has, however it is nested; a number is one token. */
export function estimateTokens(value: unknown): number {
  return Math.ceil(weigh(value))
}

function weigh(value: unknown): number {
  if (typeof value === 'number') return 1
  if (typeof value === 'string') {
    const more = encoder.encode(value).length - value.length
    return value.length / CHARACTERS_PER_TOKEN + more * TOKENS_PER_BYTE_MORE
  }
  if (typeof value !== 'object' || value === null) return 0
  return Object.entries(value).reduce(
    (sum, [name, each]) => sum + (MEDIA.has(name) ? 0 : weigh(each)),
    0,
  )
}
