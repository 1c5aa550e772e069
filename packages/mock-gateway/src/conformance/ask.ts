import type { Fetch } from './Payer'

/** How a call ended: an answer read to its end, or an error. */
export type Outcome =
  | { readonly status: number; readonly text: string; readonly headers: Headers }
  | { readonly error: unknown }

export const PATH = '/v1/chat/completions'
/** In every prompt; an error must not repeat it. */
export const PROMPT = 'canary prompt 5f2c9e'

/** A chat request. */
export function chat(more: RequestInit = {}): RequestInit {
  const messages = [{ role: 'user', content: PROMPT }]
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'openai/gpt-4o', messages }),
    ...more,
  }
}

/** Calls, and reads what comes to its end. Never rejects. */
export async function ask(fetch: Fetch, url: string, init: RequestInit = chat()): Promise<Outcome> {
  try {
    const response = await fetch(url, init)
    return { status: response.status, text: await response.text(), headers: response.headers }
  } catch (error) {
    return { error }
  }
}

/** Asks for a chat answer at a base URL. */
export function askChat(fetch: Fetch, baseURL: string): Promise<Outcome> {
  return ask(fetch, `${baseURL}${PATH}`)
}

/** Asks until there is an answer of 200, at most `times`. */
export async function insist(fetch: Fetch, baseURL: string, times: number): Promise<Outcome> {
  let outcome = await askChat(fetch, baseURL)
  for (let tries = 1; tries < times && !isServed(outcome); tries += 1) {
    outcome = await askChat(fetch, baseURL)
  }
  return outcome
}

/** Whether the call got an answer of 200. */
export function isServed(outcome: Outcome): boolean {
  return 'status' in outcome && outcome.status === 200
}

/** An outcome in words, for a report. */
export function tell(outcome: Outcome): string {
  if ('status' in outcome) return `status ${outcome.status}`
  const { error } = outcome
  return error instanceof Error ? `${error.name}: ${error.message.slice(0, 160)}` : 'an error'
}
