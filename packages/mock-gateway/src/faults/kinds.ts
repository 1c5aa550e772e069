/** Where in an exchange a fault strikes. */
export type Hop =
  | 'arrival'
  | 'sign-in'
  | 'challenge'
  | 'verify'
  | 'verified'
  | 'settle'
  | 'settled'
  | 'receipt'
  | 'answer'
  | 'body'
  | 'stream'
  | 'pace'
  | 'rpc'

/** The menu: each kind of fault and the hop it strikes at. */
export const faultKinds = {
  /** Socket destroyed before anything is done. */
  'reset-before': 'arrival',
  /** No answer, ever, and nothing done. */
  'hang-before': 'arrival',
  /** `status` (default 502) before anything is done. */
  '5xx-before': 'arrival',
  /** 429 with `retryAfter` (default `1`) before anything is done. */
  '429-before': 'arrival',
  /** 401 whatever the credentials are. */
  '401': 'arrival',
  /** `status` (default 307) to `location`, before anything is done. */
  redirect: 'arrival',
  /** `status` (default 503) from the sign-in. */
  'auth-5xx': 'sign-in',
  /** 401 from the sign-in. */
  'auth-401': 'sign-in',
  /** No answer from the sign-in. */
  'auth-hang': 'sign-in',
  /** PAYMENT-REQUIRED holds `header` to the letter (`''`: no header), the body `body`. */
  'bad-challenge': 'challenge',
  /** A 402 whose body never ends. */
  'endless-402-body': 'challenge',
  /** Somebody else lands the same signature first: paid on chain, credited nowhere. */
  'third-party-settles': 'verify',
  /** Socket destroyed after verification; nothing settled. */
  'drop-after-verify': 'verified',
  /** 402 `settlement_pending` now; it lands `after` milliseconds later or on the next advance. */
  'settle-late': 'settle',
  /** Settled and credited, then the socket is destroyed. */
  'drop-after-settle': 'settled',
  /** Settled and credited, then no answer. */
  'hang-after-settle': 'settled',
  /** Settled and credited, then `status` (default 502). */
  '5xx-after-settle': 'settled',
  /** Settled and credited, then 429 with `retryAfter` (default `1`). */
  '429-after-settle': 'settled',
  /** Settled and credited, then 402 with terms again. */
  '402-after-settle': 'settled',
  /** No PAYMENT-RESPONSE after a settlement. */
  'receipt-lost': 'receipt',
  /** PAYMENT-RESPONSE with `receipt` over the true one, on any answer. */
  'receipt-spoofed': 'answer',
  /** The JSON answer ends half-way, cleanly. */
  'truncate-body': 'body',
  /** The socket is destroyed half-way through the JSON answer. */
  'reset-body': 'body',
  /** The answer comes `bytes` (default 1) at a time, `every` milliseconds (default 20). */
  'slow-drip': 'pace',
  /** The stream ends after `events` (default 2) without `[DONE]`. */
  'truncate-stream': 'stream',
  /** The socket is destroyed after `events` (default 2). */
  'reset-stream': 'stream',
  /** Nothing more comes after `events` (default 2); the socket stays open. */
  'stall-stream': 'stream',
  /** After `events` (default 2) an event with `error`, then the end. */
  'stream-error': 'stream',
  /** After `events` (default 2) an event that is not JSON, then the rest. */
  'stream-malformed': 'stream',
  /** `status` (default 503) from a chain RPC. */
  'rpc-5xx': 'rpc',
  /** A JSON-RPC error from a chain RPC. */
  'rpc-error': 'rpc',
  /** No answer from a chain RPC. */
  'rpc-hang': 'rpc',
} as const satisfies Record<string, Hop>

/** Name of a fault on the menu. */
export type FaultKind = keyof typeof faultKinds

/** Whether a text names a fault on the menu. */
export function isFaultKind(text: string): text is FaultKind {
  return Object.hasOwn(faultKinds, text)
}
