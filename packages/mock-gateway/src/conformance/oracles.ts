import { parseSiwxMessage } from '../siwx/parseSiwxMessage'
import type { Signed } from './countingWallets'
import { BASE, USDC } from './offers'
import type { Stage } from './stage'

/** What was signed that is no message: payments, and worse. */
export function payments({ signed }: Pick<Stage, 'signed'>): readonly Signed[] {
  return signed.filter(({ kind }) => kind !== 'message')
}

/** The messages that were signed. */
export function messages({ signed }: Pick<Stage, 'signed'>): readonly string[] {
  return signed.flatMap((one) => (one.kind === 'message' ? [one.text] : []))
}

/** Fails when more than `most` payments were signed. */
export function atMost(stage: Stage, most: number): string | undefined {
  const made = payments(stage)
  if (made.length <= most) return undefined
  return `signed ${made.length} in place of at most ${most}: ${made.map(describe).slice(0, 4).join(', ')}`
}

/** Fails when anything but a message was signed. */
export function noPayment(stage: Stage): string | undefined {
  return atMost(stage, 0)
}

/** Fails when a signature is anything but a transfer of USDC on Base of at most `most` units to `payTo`. */
export function onlyTransfers(stage: Stage, payTo: string, most: bigint): string | undefined {
  const bad = payments(stage).find((one) => !isTransfer(one, payTo, most))
  return bad && `signed ${describe(bad)}`
}

function isTransfer(one: Signed, payTo: string, most: bigint): boolean {
  if (one.kind !== 'typed data') return false
  const { primaryType, domain, message } = one.typedData
  return (
    primaryType === 'TransferWithAuthorization' &&
    Number(domain.chainId) === Number(BASE.slice('eip155:'.length)) &&
    same(domain.verifyingContract, USDC) &&
    domain.name === 'USD Coin' &&
    domain.version === '2' &&
    same(message.to, payTo) &&
    BigInt(String(message.value)) <= most
  )
}

function same(left: unknown, right: string): boolean {
  return typeof left === 'string' && left.toLowerCase() === right.toLowerCase()
}

/** A signature in a few words, without its bytes. */
export function describe(one: Signed): string {
  if (one.kind !== 'typed data') return `a ${one.kind}`
  const { primaryType, message } = one.typedData
  return message.value === undefined ? primaryType : `${primaryType} of ${String(message.value)}`
}

/** Fails when a signed transfer is valid for longer than `seconds` from now, or not now. */
export function validFor(stage: Stage, seconds: number): string | undefined {
  const now = Date.now() / 1000
  for (const one of payments(stage)) {
    if (one.kind !== 'typed data') continue
    const left = Number(one.typedData.message.validBefore) - now
    if (left > seconds || left < 0)
      return `signed a transfer that is valid for ${Math.round(left)} s`
  }
  return undefined
}

/** Fails when a signed message is not a plain sign-in at `url` by now. */
export function plainSignIns(stage: Stage, url: string): string | undefined {
  for (const text of messages(stage)) {
    const fields = parseSiwxMessage(text)
    if (!fields) return 'signed a message that is no sign-in'
    const { domain, uri, version, nonce, issuedAt, expirationTime, statement = '' } = fields
    const { host } = new URL(url)
    if (domain !== host) return `signed for the domain ${domain}`
    if (!URL.canParse(uri) || new URL(uri).host !== host) return `signed for the URI ${uri}`
    if (version !== '1') return `signed version ${version}`
    if (nonce.length < 8) return 'signed a nonce of less than 8 characters'
    if (Math.abs(issuedAt - Date.now()) > 300_000) return 'signed another time than now'
    if (expirationTime !== undefined && expirationTime > Date.now() + 3_600_000) {
      return 'signed a sign-in that is valid for over an hour'
    }
    if (!/^[\x20-\x7e]*$/.test(statement)) return 'signed a statement that cannot be printed'
  }
  return undefined
}
