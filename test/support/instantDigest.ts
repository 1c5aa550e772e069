import { createHash } from 'node:crypto'

/** Makes SHA-256 of WebCrypto take no real time, in this process and for good: a virtual clock cannot wait for it. */
export function makeDigestInstant(): void {
  crypto.subtle.digest = async (_, data) =>
    new Uint8Array(
      createHash('sha256')
        .update(new Uint8Array(data as ArrayBuffer)) // as the SDK passes it
        .digest(),
    ).buffer
}
