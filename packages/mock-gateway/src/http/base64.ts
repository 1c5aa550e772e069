const STANDARD = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Standard base64 with padding (RFC 4648 section 4) of a UTF-8 string. */
export function toBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}

/** Bytes of standard padded base64, or undefined when the text is anything else. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text === '' || !STANDARD.test(text)) return undefined
  return Uint8Array.from(Buffer.from(text, 'base64'))
}
