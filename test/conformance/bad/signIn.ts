import type { Wallets } from '@arouter/mock-gateway/conformance'
import { type Answer, decode, type Fields, isFields, parse } from './Answer'

type Send = (url: string, init: RequestInit) => Promise<Answer>

/**
 * Signs in wherever an answer wants it, with a message that says what the server says; resolves to
 * the answer to the request once more.
 */
export async function signIn(
  answer: Answer,
  { evm }: Wallets,
  baseURL: string,
  url: string,
  request: RequestInit,
  send: Send,
): Promise<Answer | undefined> {
  const info = asked(answer)
  if (!info) return undefined
  const message = messageOf(info, evm.address, baseURL, answer.date)
  const signature = await evm.signMessage({ message })
  const proof = Buffer.from(JSON.stringify({ message, signature })).toString('base64')
  const withProof = { 'sign-in-with-x': proof }
  if (answer.response.status === 401) {
    await send(`${baseURL}/v1/x402/auth`, { method: 'POST', headers: withProof })
    return send(url, request)
  }
  const headers = new Headers(request.headers)
  headers.set('sign-in-with-x', proof)
  return send(url, { ...request, headers })
}

function asked({ response, text }: Answer): Fields | undefined {
  const terms = parse(decode(response.headers.get('payment-required') ?? ''))
  const extensions = isFields(terms) && isFields(terms.extensions) ? terms.extensions : {}
  const offered = extensions['sign-in-with-x']
  if (isFields(offered) && isFields(offered.info)) return offered.info
  if (response.status !== 401) return undefined
  const body = parse(text)
  return isFields(body) ? body : {}
}

function messageOf(info: Fields, address: string, baseURL: string, now: number): string {
  const { host } = new URL(baseURL)
  const { domain = host, uri = `https://${host}/v1/x402/auth`, statement = 'Sign in' } = info
  const { version = '1', nonce = crypto.randomUUID().replaceAll('-', '') } = info
  const { issuedAt = new Date(now).toISOString(), expirationTime, requestId, resources } = info
  return [
    `${domain} wants you to sign in with your Ethereum account:`,
    address,
    '',
    statement,
    '',
    `URI: ${uri}`,
    `Version: ${version}`,
    'Chain ID: 8453',
    `Nonce: ${nonce}`,
    `Issued At: ${issuedAt}`,
    ...(expirationTime ? [`Expiration Time: ${expirationTime}`] : []),
    ...(requestId ? [`Request ID: ${requestId}`] : []),
    ...(Array.isArray(resources) ? ['Resources:', ...resources.map((one) => `- ${one}`)] : []),
  ].join('\n')
}
