const LONGEST = 200
const LOOKED_AT = 1024
// Linear patterns only: they run on text a server wrote.
const SECRETS = [
  /(?<![\w-])[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g, // JWT; from the start of a word only, to stay linear
  /\b(?:lr|sk|pk|rk)[_-][\w-]{6,}/g, // API keys
  /(?:0x)?[0-9a-f]{64,}/gi, // keys and signatures in hex
  /[A-Za-z0-9+/_-]{80,}={0,2}/g, // signatures and payment payloads in base64 or base58
]

/** Text a server wrote, made fit for an error message: secrets out, one line, at most 200 characters. */
export function redact(text: string, secrets: readonly string[] = []): string {
  let clean = text
  // Longest first, so that one secret within another does not leave the rest of it.
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
    if (secret.length >= 4) clean = clean.split(secret).join('[redacted]')
  }
  clean = clean.slice(0, LOOKED_AT)
  for (const pattern of SECRETS) clean = clean.replace(pattern, '[redacted]')
  // Controls, line ends, and what turns the direction of text around.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
  clean = clean.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g, ' ').trim()
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST - 1)}…` : clean
}

/** The gateway's `x-request-id`, fit for an error. */
export function requestIdOf(
  response: Response,
  secrets: readonly string[] = [],
): string | undefined {
  const id = response.headers.get('x-request-id')
  return id === null ? undefined : redact(id, secrets)
}
