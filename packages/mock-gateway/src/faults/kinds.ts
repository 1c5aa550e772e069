import { type DialectHop, dialectFaultKinds, dialectFaultNotes } from '../dialects/faults'

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
  | DialectHop

/** The menu: each kind of fault and the hop it strikes at; `faultNotes` says what each does. */
export const faultKinds = {
  'reset-before': 'arrival',
  'hang-before': 'arrival',
  '5xx-before': 'arrival',
  '429-before': 'arrival',
  '401': 'arrival',
  redirect: 'arrival',
  'auth-5xx': 'sign-in',
  'auth-401': 'sign-in',
  'auth-hang': 'sign-in',
  'bad-challenge': 'challenge',
  'endless-402-body': 'challenge',
  'third-party-settles': 'verify',
  'drop-after-verify': 'verified',
  '5xx-after-verify': 'verified',
  'settle-late': 'settle',
  'tx-dropped': 'settle',
  'tx-replaced': 'settle',
  'finality-late': 'settle',
  reorg: 'settle',
  'drop-after-settle': 'settled',
  'hang-after-settle': 'settled',
  '5xx-after-settle': 'settled',
  '429-after-settle': 'settled',
  '402-after-settle': 'settled',
  'receipt-lost': 'receipt',
  'receipt-spoofed': 'answer',
  'truncate-body': 'body',
  'reset-body': 'body',
  'slow-drip': 'pace',
  'truncate-stream': 'stream',
  'reset-stream': 'stream',
  'stall-stream': 'stream',
  'stream-error': 'stream',
  'stream-malformed': 'stream',
  'rpc-5xx': 'rpc',
  'rpc-error': 'rpc',
  'rpc-hang': 'rpc',
  ...dialectFaultKinds,
} as const satisfies Record<string, Hop>

/** Name of a fault on the menu. */
export type FaultKind = keyof typeof faultKinds

/** What each kind of fault does. */
export const faultNotes: Readonly<Record<FaultKind, string>> = {
  'reset-before': 'Socket destroyed before anything is done.',
  'hang-before': 'No answer, ever, and nothing done.',
  '5xx-before': '`status` (default 502) before anything is done.',
  '429-before': '429 with `retryAfter` (default `1`) before anything is done.',
  '401': '401 whatever the credentials are.',
  redirect: '`status` (default 307) to `location`, before anything is done.',
  'auth-5xx': '`status` (default 503) from the sign-in.',
  'auth-401': '401 from the sign-in.',
  'auth-hang': 'No answer from the sign-in.',
  'bad-challenge':
    'PAYMENT-REQUIRED holds `header` to the letter (empty: no such header), the body `body`.',
  'endless-402-body': 'A 402 whose body never ends.',
  'third-party-settles':
    'Somebody else lands the same signature first: paid on chain, credited nowhere.',
  'drop-after-verify': 'Socket destroyed after verification; nothing settled.',
  '5xx-after-verify': '`status` (default 500) after verification; nothing settled.',
  'settle-late':
    '402 `settlement_pending` now; it lands `after` milliseconds later or on the next advance.',
  'tx-dropped':
    '402 `settlement_pending`; the transaction is acknowledged and never lands. Local chains only.',
  'tx-replaced':
    'Another transaction lands in place of the one that the receipt names; on Solana none does. Local chains only.',
  'finality-late':
    'From now on what is final trails the latest block by `blocks` (default 32). Local chains only.',
  reorg:
    'Settled and credited; then the last `blocks` (default 1) are undone, and what was in them lands again `after` milliseconds (default 100). Local chains only.',
  'drop-after-settle': 'Settled and credited, then the socket is destroyed.',
  'hang-after-settle': 'Settled and credited, then no answer.',
  '5xx-after-settle': 'Settled and credited, then `status` (default 502).',
  '429-after-settle': 'Settled and credited, then 429 with `retryAfter` (default `1`).',
  '402-after-settle': 'Settled and credited, then 402 with terms again.',
  'receipt-lost': 'No PAYMENT-RESPONSE after a settlement.',
  'receipt-spoofed': 'PAYMENT-RESPONSE with `receipt` over the true one, on any answer.',
  'truncate-body': 'The JSON answer ends half-way, cleanly.',
  'reset-body': 'The socket is destroyed half-way through the JSON answer.',
  'slow-drip': 'The answer comes `bytes` (default 1) at a time, `every` milliseconds (default 20).',
  'truncate-stream': 'The stream ends after `events` (default 2) without `[DONE]`.',
  'reset-stream': 'The socket is destroyed after `events` (default 2).',
  'stall-stream': 'Nothing more comes after `events` (default 2); the socket stays open.',
  'stream-error': 'After `events` (default 2) an event with `error`, then the end.',
  'stream-malformed': 'After `events` (default 2) an event that is not JSON, then the rest.',
  'rpc-5xx': '`status` (default 503) from a chain RPC.',
  'rpc-error': 'A JSON-RPC error from a chain RPC.',
  'rpc-hang': 'No answer from a chain RPC.',
  ...dialectFaultNotes,
}

/** What only a chain of its own can have. */
const ofLocalChains: readonly FaultKind[] = ['tx-dropped', 'tx-replaced', 'finality-late', 'reorg']

/** Whether a fault is one that a stub chain does not have. */
export function needsLocalChain(kind: FaultKind): boolean {
  return ofLocalChains.includes(kind)
}

/** Whether a text names a fault on the menu. */
export function isFaultKind(text: string): text is FaultKind {
  return Object.hasOwn(faultKinds, text)
}
