import { type ARouterError, invalidOption } from '../errors'

/** What a wallet signs to sign in (CAIP-122, laid out as EIP-4361 has it). */
export type SiwxFields = {
  /** Host, with the port where it is not the default. */
  readonly domain: string
  /** 0x-prefixed for EVM, base58 for Solana. Taken as given: an EVM address should be in EIP-55 form. */
  readonly address: string
  readonly statement: string
  readonly uri: string
  /** The CAIP-2 reference alone: `8453`, or the first 32 characters of a Solana genesis hash. */
  readonly chainId: string
  /** At least 8 letters and digits. */
  readonly nonce: string
  /** RFC 3339. */
  readonly issuedAt: string
  /** RFC 3339. */
  readonly expirationTime?: string | undefined
}

const TEXT = /^[\x20-\x7e]+$/
const WORD = /^[\x21-\x7e]+$/
const NONCE = /^[A-Za-z0-9]{8,}$/

/**
 * The sign-in message: lines joined by LF, none at the end.
 * @throws ARouterError `invalid_option` for a field that could be read as another one: line breaks, control characters,
 * other scripts, and white space anywhere but in the statement.
 */
export function siwxMessage(fields: SiwxFields): string {
  const { domain, address, statement, uri, chainId, nonce, issuedAt, expirationTime } = fields
  const words = { domain, address, uri, chainId, nonce, issuedAt, expirationTime }
  for (const [name, word] of Object.entries(words)) {
    if (word !== undefined && !WORD.test(word)) throw refused(name, 'one word of printable ASCII')
  }
  if (!TEXT.test(statement)) throw refused('statement', 'one line of printable ASCII')
  if (!NONCE.test(nonce)) throw refused('nonce', 'at least 8 letters and digits')
  const chain = address.startsWith('0x') ? 'Ethereum' : 'Solana'
  const lines = [
    `${domain} wants you to sign in with your ${chain} account:`,
    address,
    '',
    statement,
    '',
    `URI: ${uri}`,
    'Version: 1',
    `Chain ID: ${chainId}`,
    `Nonce: ${nonce}`,
    `Issued At: ${issuedAt}`,
  ]
  if (expirationTime !== undefined) lines.push(`Expiration Time: ${expirationTime}`)
  return lines.join('\n')
}

function refused(name: string, expected: string): ARouterError {
  return invalidOption(
    `The ${name} of a sign-in message must be ${expected}. Funds moved: no, nothing was signed.`,
  )
}
