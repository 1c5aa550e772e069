/** Where in an exchange with Key0 a fault of its own strikes. */
export type Key0Hop =
  | 'key0-call'
  | 'key0-a2a'
  | 'key0-terms'
  | 'key0-look'
  | 'key0-time'
  | 'key0-mark'
  | 'key0-issue'
  | 'key0-sale'
  | 'key0-route'
  | 'key0-refund'

/** What Key0 gets wrong by itself: its part of the menu. */
export const key0FaultKinds = {
  'key0-error': 'key0-call',
  'key0-no-a2a': 'key0-a2a',
  'key0-wrong-domain': 'key0-terms',
  'key0-charges-again': 'key0-look',
  'key0-takes-expired': 'key0-time',
  'key0-mark-lost': 'key0-mark',
  'key0-issuer-fails': 'key0-issue',
  'key0-charges-for-route': 'key0-sale',
  'key0-backend-5xx': 'key0-route',
  'key0-backend-lost': 'key0-route',
  'key0-backend-slow': 'key0-route',
  'key0-refund-fails': 'key0-refund',
  'key0-refund-held': 'key0-refund',
} as const satisfies Record<string, Key0Hop>

/** What each of them does. */
export const key0FaultNotes: Readonly<Record<keyof typeof key0FaultKinds, string>> = {
  'key0-error': '`status` (default 500) with `body` to the letter, before anything is done.',
  'key0-no-a2a': '404 in HTML for what an agent sends.',
  'key0-wrong-domain': 'Terms with the name `USDC`, which is not that of USDC on mainnet.',
  'key0-charges-again':
    'Settles before it looks what the requestId has bought: another signature is charged for nothing, the same one is `nonce_used`.',
  'key0-takes-expired': 'A challenge is paid and delivered after its time.',
  'key0-mark-lost':
    'Settled, then taken for a transaction that paid before: 409, and PENDING again.',
  'key0-issuer-fails':
    'Settled, then no token: 500, or TOKEN_ISSUE_FAILED for `status` 502 and TOKEN_ISSUE_TIMEOUT for 504.',
  'key0-charges-for-route':
    'A route is charged for and not delivered: EMBEDDED_MODE over `/x402/access`, TIER_NOT_FOUND over A2A and MCP.',
  'key0-backend-5xx': 'Settled, then `status` (default 500) from the backend of a route.',
  'key0-backend-lost': 'Settled, then PROXY_ERROR.',
  'key0-backend-slow': 'Settled, then PROXY_TIMEOUT.',
  'key0-refund-fails': 'A refund that is due fails.',
  'key0-refund-held': 'A refund that is due lands on the next advance.',
}
