/** The fields of a sign-in message (CAIP-122 in the layout of EIP-4361). */
export interface SiwxMessage {
  readonly domain: string
  readonly chain: 'Ethereum' | 'Solana'
  readonly address: string
  readonly statement: string | undefined
  readonly uri: string
  readonly version: string
  readonly chainId: string
  readonly nonce: string
  /** Milliseconds. */
  readonly issuedAt: number
  /** Milliseconds. */
  readonly expirationTime: number | undefined
  /** Milliseconds. */
  readonly notBefore: number | undefined
}

const HEADLINE = /^(\S+) wants you to sign in with your (Ethereum|Solana) account:$/
const NONCE = /^[A-Za-z0-9]{8,128}$/
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/

/** Reads a message line by line. Returns undefined when any line is not where it must be. */
export function parseSiwxMessage(message: string): SiwxMessage | undefined {
  const lines = message.split('\n')
  const next = () => lines.shift()
  const headline = HEADLINE.exec(next() ?? '')
  const address = next()
  if (!headline?.[1] || !address || next() !== '') return undefined
  const statement = next() || undefined
  if (statement !== undefined && next() !== '') return undefined

  const field = (name: string): string | undefined => {
    const prefix = `${name}: `
    if (!lines[0]?.startsWith(prefix)) return undefined
    return next()?.slice(prefix.length)
  }
  const uri = field('URI')
  const version = field('Version')
  const chainId = field('Chain ID')
  const nonce = field('Nonce')
  const issuedAt = timeOf(field('Issued At'))
  const expires = field('Expiration Time')
  const starts = field('Not Before')
  field('Request ID')
  if (lines[0] === 'Resources:') {
    next()
    while (lines[0]?.startsWith('- ')) next()
  }
  if (lines.length > 0) return undefined
  if (!uri || !version || !chainId || !nonce || !NONCE.test(nonce)) return undefined
  if (issuedAt === undefined) return undefined
  const expirationTime = timeOf(expires)
  const notBefore = timeOf(starts)
  if (expires !== undefined && expirationTime === undefined) return undefined
  if (starts !== undefined && notBefore === undefined) return undefined
  return {
    domain: headline[1],
    chain: headline[2] === 'Solana' ? 'Solana' : 'Ethereum',
    address,
    statement,
    uri,
    version,
    chainId,
    nonce,
    issuedAt,
    expirationTime,
    notBefore,
  }
}

/** A time as RFC 3339 writes it, in milliseconds; undefined for anything else. */
export function timeOf(text: string | undefined): number | undefined {
  if (text === undefined || !TIME.test(text)) return undefined
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}
