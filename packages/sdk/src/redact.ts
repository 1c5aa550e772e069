const LONGEST = 200
const LOOKED_AT = 1024
const GONE = '[redacted]'
/** A part of a secret that is at least twice as long, less one, is known for one. */
const PIECE = 12
// Linear patterns only: they run on text a server wrote.
const SECRETS = [
  /(?<![\w-])[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g, // JWT; from the start of a word only, to stay linear
  /\b(?:lr|sk|pk|rk)[_-][\w-]{6,}/g, // API keys
  /(?:0x)?[0-9a-f]{64,}/gi, // keys and signatures in hex
  /[A-Za-z0-9+/_-]{80,}={0,2}/g, // signatures and payment payloads in base64 or base58
]

/**
 * Text a server wrote, made fit for an error message: secrets out, one line, at most 200 characters.
 * Of `secrets`, such as a prompt, parts that it quotes are taken out as well.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  // Whole ones first: what is cut off must not leave a part of one.
  const looked = withoutWhole(text, secrets).slice(0, LOOKED_AT)
  let clean = secrets.reduce(withoutQuotes, looked)
  for (const pattern of SECRETS) clean = clean.replace(pattern, GONE)
  // Controls, line ends, and what turns the direction of text around.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
  clean = clean.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g, ' ').trim()
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST - 1)}…` : clean
}

/** Redacted words of a server as a quotation: nothing in it ends it, or has the form of what we say of funds. */
export function quote(redacted: string): string {
  const words = redacted.replaceAll('"', "'").replace(/funds\s+moved/gi, 'funds [...]')
  return `"${words.replace(/\.$/, '')}"`
}

/** `text` without `secrets`, and without parts of them that it quotes. */
export function conceal(text: string, secrets: readonly string[]): string {
  return secrets.reduce(withoutQuotes, withoutWhole(text, secrets))
}

function withoutWhole(text: string, secrets: readonly string[]): string {
  let clean = text
  // Longest first, so that one secret within another does not leave the rest of it.
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
    if (secret.length >= 4) clean = clean.split(secret).join(GONE)
  }
  return clean
}

// Each piece of the secret that stands in the text is a part of a quote, which may be longer.
function withoutQuotes(text: string, secret: string): string {
  let clean = text
  for (let at = 0; at + PIECE <= secret.length; at += PIECE) {
    const piece = secret.slice(at, at + PIECE)
    for (let from = clean.indexOf(piece); from >= 0; from = clean.indexOf(piece)) {
      let [start, end] = [from, from + PIECE]
      for (let left = at; left > 0 && clean[start - 1] === secret[left - 1]; left--) start--
      for (let right = at + PIECE; end < clean.length && clean[end] === secret[right]; right++)
        end++
      clean = clean.slice(0, start) + GONE + clean.slice(end)
    }
  }
  return clean
}

/** The gateway's `x-request-id`, fit for an error. */
export function requestIdOf(
  response: Response,
  secrets: readonly string[] = [],
): string | undefined {
  const id = response.headers.get('x-request-id')
  return id === null ? undefined : redact(id, secrets)
}
