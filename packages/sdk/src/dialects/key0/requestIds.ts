import { uuidOf } from '../../randomUuid'
import { sha256 } from '../../sha256'

/** The requestId that follows `requestId`: known to who knows that one, and to nobody else. */
export async function successorOf(requestId: string): Promise<string> {
  return uuidOf(await digestOf(`renewal of ${requestId}`))
}

/** SHA-256 of a text in UTF-8, in hex. */
export function digestOf(text: string): Promise<string> {
  return sha256(new TextEncoder().encode(text))
}
