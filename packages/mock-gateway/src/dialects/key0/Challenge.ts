import type { SaleRecord } from '../sales'

/** The states of a challenge, from the offer to what became of the money. */
export type ChallengeState =
  | 'PENDING'
  | 'PAID'
  | 'DELIVERED'
  | 'EXPIRED'
  | 'CANCELLED'
  | 'REFUND_PENDING'
  | 'REFUNDED'
  | 'REFUND_FAILED'

/** One step of a challenge, as it is logged. */
export interface ChallengeStep {
  /** Undefined for the first. */
  readonly from: ChallengeState | undefined
  readonly to: ChallengeState
  readonly reason: string
  /** Milliseconds by the gateway's clock. */
  readonly at: number
}

/** What `POST /x402/access` gives for a plan. */
export interface AccessGrant {
  readonly type: 'AccessGrant'
  readonly challengeId: string
  readonly requestId: string
  readonly accessToken: string
  readonly tokenType: 'Bearer'
  readonly resourceEndpoint: string
  readonly resourceId: string
  readonly planId: string
  readonly txHash: string
  readonly explorerUrl: string
}

/** What `POST /x402/access` gives for a route. */
export interface ResourceResponse {
  readonly type: 'ResourceResponse'
  readonly challengeId: string
  readonly requestId: string
  readonly routeId: string
  readonly txHash: string
  readonly explorerUrl: string
  readonly resource: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body: unknown
  }
}

/** An offer to one buyer and what became of it. Times in milliseconds by the gateway's clock. */
export interface Challenge {
  readonly challengeId: string
  readonly requestId: string
  /** What is sold. */
  readonly offering: { readonly kind: 'plan' | 'route'; readonly id: string }
  readonly resourceId: string
  /** Atomic USDC units. */
  readonly amount: bigint
  readonly state: ChallengeState
  readonly createdAt: number
  readonly expiresAt: number
  readonly paidAt?: number
  /** The payment, as `state.sales` first had it. */
  readonly sale?: SaleRecord
  readonly delivery?: AccessGrant | ResourceResponse
  readonly deliveredAt?: number
  /** Hash of the refund's transaction. */
  readonly refund?: string
  readonly log: readonly ChallengeStep[]
}
