import { isObject, type JsonObject, parseObject } from '../../encoding'
import { ARouterError, type FundsMoved, isARouterError, retell } from '../../errors'
import { quote, redact } from '../../redact'
import type { Heard } from './Heard'

/** What Key0 says as `TIER_NOT_FOUND`, and the like. */
const CODES = [
  'key0_tier_not_found',
  'key0_route_not_found',
  'key0_resource_required',
  'key0_missing_resource_field',
  'key0_unsupported_free_plan',
  'key0_embedded_mode',
  'key0_invalid_request',
  'key0_invalid_proof',
  'key0_chain_mismatch',
  'key0_amount_mismatch',
  'key0_challenge_not_found',
  'key0_challenge_expired',
  'key0_challenge_not_paid',
  'key0_payment_failed',
  'key0_payment_settlement_failed',
  'key0_settlement_failed',
  'key0_tx_unconfirmed',
  'key0_tx_already_redeemed',
  'key0_proof_already_redeemed',
  'key0_token_issue_failed',
  'key0_token_issue_timeout',
  'key0_proxy_error',
  'key0_proxy_timeout',
  'key0_adapter_error',
  'key0_internal_error',
  'key0_malformed_answer',
  'key0_no_such_transport',
  'key0_unknown_error',
] as const

/** A code of Key0 as the `code` of an error, or in `context.key0Code` of one about a payment. */
export type Key0Code = (typeof CODES)[number]

/** What an answer of Key0 that is no success says, in any of its three forms. */
export function readRefusal(body: JsonObject = {}): { code: Key0Code; words: string } {
  const { code, error, message } = body
  const [said] = [code, error].filter((name) => typeof name === 'string' && /^[A-Z_]+$/.test(name))
  const name = `key0_${said}`.toLowerCase()
  const words = [message, error].find((each) => typeof each === 'string')
  return {
    code: CODES.find((known) => known === name) ?? 'key0_unknown_error',
    words: redact(String(words ?? '')),
  }
}

/** The error for an answer before which nothing was paid. */
export function refused(status: number, text: string, { requestId }: Heard): ARouterError {
  const { code, words } = readRefusal(parseObject(text))
  const said = words ? `${status}: ${quote(words)}` : String(status)
  const advice = status >= 500 ? 'It can be tried again.' : 'Change the request.'
  return new ARouterError(
    status,
    code,
    `The Key0 seller answered ${said}. Funds moved: no. ${advice}`,
    {
      context: { requestId },
    },
  )
}

/** `error` of a wallet, with what Key0 said, and what becomes of money that bought nothing. */
export function explained(error: unknown, { requestId, refusals, transaction }: Heard): unknown {
  if (!isARouterError(error)) return error
  const [first] = refusals
  const context = {
    ...(transaction && { transaction }),
    ...withoutUndefined(error.context),
    ...(requestId && { requestId }),
    ...(first && { key0Code: first.code }),
  }
  const said = first ? ` The seller said ${first.code.slice(5)}: ${quote(first.words)}.` : ''
  const isReturning = refusals.some(({ code }) => code === 'key0_challenge_not_paid')
  const message = `${error.message}${said}${refundOf(error.fundsMoved, isReturning)}`
  return Object.assign(retell(error), { context, message })
}

function refundOf(moved: FundsMoved, isReturning: boolean): string {
  if (moved === 'no') return ''
  if (isReturning) return ' It is being refunded to the wallet.'
  return ' Key0 refunds what was paid and not delivered to the wallet, after some five minutes, and does not tell: look there before it is given up.'
}

function withoutUndefined(context: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined))
}

/** `details.grant` of an answer that says the proof was redeemed before, or the answer itself. */
export function grantIn(body: JsonObject): unknown {
  return isObject(body.details) && isObject(body.details.grant) ? body.details.grant : body
}
