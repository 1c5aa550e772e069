import { uuidOf } from '../../randomUuid'

/** The requestId that follows `requestId`: known to who knows that one, and to nobody else. */
export async function successorOf(requestId: string): Promise<string> {
  return uuidOf(await sha256(`renewal of ${requestId}`))
}

/** Of a text in UTF-8, in hex. */
export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
