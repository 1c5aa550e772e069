import type { JsonObject } from '../http/jsonObject'
import type { SiwxMessage } from './parseSiwxMessage'
import { parseSiwxMessage } from './parseSiwxMessage'

/** A sign-in as the x402 extension `sign-in-with-x` sends it: fields, of which the message is made. */
export interface SiwxPayload {
  readonly fields: SiwxMessage
  readonly message: string
  /** CAIP-2. */
  readonly network: string
  readonly signature: string
}

const OPTIONAL = [
  ['Expiration Time', 'expirationTime'],
  ['Not Before', 'notBefore'],
  ['Request ID', 'requestId'],
] as const

/** Reads the fields and writes the message they stand for. Returns undefined when any is amiss. */
export function parseSiwxPayload(payload: JsonObject): SiwxPayload | undefined {
  const text = (name: string): string | undefined => {
    const value = payload[name]
    return typeof value === 'string' && !value.includes('\n') ? value : undefined
  }
  const network = text('chainId')
  const signature = text('signature')
  const [namespace, reference] = network?.split(':') ?? []
  const kind = { eip155: 'Ethereum', solana: 'Solana' }[namespace ?? '']
  const type = { eip155: 'eip191', solana: 'ed25519' }[namespace ?? '']
  if (!network || !signature || !reference || !kind || payload.type !== type) return undefined
  const resources = payload.resources ?? []
  if (!Array.isArray(resources) || !resources.every((one) => typeof one === 'string'))
    return undefined
  const statement = text('statement')
  const message = [
    `${text('domain')} wants you to sign in with your ${kind} account:`,
    text('address') ?? '',
    '',
    ...(statement ? [statement, ''] : []),
    `URI: ${text('uri')}`,
    `Version: ${text('version')}`,
    `Chain ID: ${reference}`,
    `Nonce: ${text('nonce')}`,
    `Issued At: ${text('issuedAt')}`,
    ...OPTIONAL.filter(([, name]) => payload[name] !== undefined).map(
      ([label, name]) => `${label}: ${text(name)}`,
    ),
    ...(resources.length > 0 ? ['Resources:', ...resources.map((uri) => `- ${uri}`)] : []),
  ].join('\n')
  // Read back, so that no field can pass for another line.
  const fields = parseSiwxMessage(message)
  return fields && { fields, message, network, signature }
}
