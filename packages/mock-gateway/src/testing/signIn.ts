import type { MockGateway } from '../createMockGateway'

/** Fields of a sign-in message that a test may want to change. */
export interface SignInFields {
  readonly domain: string
  readonly uri: string
  readonly version: string
  readonly chain: string
  readonly chainId: string
  readonly address: string
  readonly statement: string
  readonly nonce: string
  readonly issuedAt: string
  readonly more: string
}

/** A sign-in message to the letter of the protocol. */
export function signInMessage(
  gateway: MockGateway,
  address: string,
  changes: Partial<SignInFields> = {},
): string {
  const { host } = new URL(gateway.url)
  const evm = address.startsWith('0x')
  const fields: SignInFields = {
    domain: host,
    uri: `https://${changes.domain ?? host}/v1/x402/auth`,
    version: '1',
    chain: evm ? 'Ethereum' : 'Solana',
    chainId: evm ? '8453' : '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
    address,
    statement: 'Sign in to ARouter with your wallet',
    nonce: crypto.randomUUID().replaceAll('-', ''),
    issuedAt: new Date().toISOString(),
    more: '',
    ...changes,
  }
  return [
    `${fields.domain} wants you to sign in with your ${fields.chain} account:`,
    fields.address,
    '',
    fields.statement,
    '',
    `URI: ${fields.uri}`,
    `Version: ${fields.version}`,
    `Chain ID: ${fields.chainId}`,
    `Nonce: ${fields.nonce}`,
    `Issued At: ${fields.issuedAt}${fields.more}`,
  ].join('\n')
}

/** Posts a signed message to the sign-in. */
export function postSignIn(
  gateway: MockGateway,
  message: string,
  signature: string,
): Promise<Response> {
  const header = Buffer.from(JSON.stringify({ message, signature })).toString('base64')
  return postSignInHeader(gateway, header)
}

/** Posts a SIGN-IN-WITH-X header as it is. */
export function postSignInHeader(gateway: MockGateway, header: string): Promise<Response> {
  return fetch(`${gateway.url}/v1/x402/auth`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'SIGN-IN-WITH-X': header },
  })
}
