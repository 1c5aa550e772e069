import { type Answer, decode, isFields, parse } from './Answer'

/** Anything in an answer that can be taken for a token. */
export function findToken({ response: { headers }, text }: Answer): string | undefined {
  const receipt = headers.get('payment-response') ?? headers.get('x-payment-response') ?? ''
  const terms = headers.get('payment-required') ?? ''
  const cookie = /jwt=([^;,]+)/.exec(
    `${headers.get('set-cookie')} ${headers.get('authentication-info')}`,
  )?.[1]
  const found =
    jwtIn(parse(receipt.startsWith('{') ? receipt : decode(receipt))) ??
    jwtIn(parse(decode(terms))) ??
    jwtIn(parse(text)) ??
    headers.get('authorization')?.replace('Bearer ', '') ??
    headers.get('x-auth-token') ??
    cookie
  if (found === undefined || found === null) return undefined
  return String(found).split(/[\r\n]/)[0]
}

function jwtIn(value: unknown): unknown {
  const [one] = Array.isArray(value) ? value : [value]
  return isFields(one) ? one.jwt : undefined
}
