import { decodeBase64, isObject, parseObject } from '../../encoding'
import type { Asked } from './AccessRequest'

/** Access that was bought. Who has it has the access: its `accessToken` is a secret. */
export type AccessGrant = {
  readonly requestId: string
  readonly challengeId: string
  /** Bearer token. */
  readonly accessToken: string
  /** Where the token is good. */
  readonly resourceEndpoint: string
  readonly resourceId: string
  readonly planId: string
  /** Hash of the payment, where the seller names it. */
  readonly transaction: string | undefined
  readonly explorerUrl: string | undefined
  /** Unix seconds by the seller's clock, where the token is one that says so. */
  readonly expiresAt: number | undefined
}

/** What a header can carry as a token. */
const TOKEN = /^[\x21-\x7e]{1,8192}$/

/** A grant as the seller wrote it, or undefined where it grants nothing: it was paid for, so that little is asked of it. */
export function readGrant(value: unknown, asked: Asked, base: string): AccessGrant | undefined {
  if (!isObject(value)) return undefined
  const { accessToken, resourceEndpoint, requestId } = value
  if (typeof accessToken !== 'string' || !TOKEN.test(accessToken)) return undefined
  const endpoint = text(resourceEndpoint)
  return {
    requestId: text(requestId) ?? asked.requestId,
    challengeId: text(value.challengeId) ?? '',
    accessToken,
    resourceEndpoint: endpoint && URL.canParse(endpoint) ? endpoint : base,
    resourceId: text(value.resourceId) ?? asked.resourceId,
    planId: text(value.planId) ?? asked.planId,
    transaction: text(value.txHash),
    explorerUrl: text(value.explorerUrl),
    expiresAt: expiryIn(accessToken),
  }
}

/** The end that a JWT states; undefined for any other token. */
function expiryIn(token: string): number | undefined {
  const [, payload, signature] = token.split('.')
  const claims = signature === undefined ? undefined : parseObject(decodeBase64(payload ?? ''))
  return typeof claims?.exp === 'number' ? claims.exp : undefined
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
