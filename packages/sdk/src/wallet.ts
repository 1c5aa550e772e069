/** USDC on one network, from the chain package's compiled table. */
export type Asset = {
  readonly address: string
  readonly symbol: string
  readonly decimals: number
  readonly testnet: boolean
  /** The network's public RPC: the default for asking what became of a payment. */
  readonly rpc: string
}

/** What an offer asks for, as the seller wrote it. */
export type Terms = {
  /** CAIP-2. */
  readonly network: string
  readonly asset: string
  /** Atomic units of `asset`. */
  readonly amount: bigint
  readonly payTo: string
  readonly extra: Readonly<Record<string, unknown>>
}

/** How a chain package reaches a chain. */
export type ChainContext = {
  readonly rpc: readonly string[]
  readonly fetch: typeof fetch
  readonly signal?: AbortSignal | undefined
}

/** JSON-safe and free of secrets: what it takes to ask the chain about a payment without the key. */
export type Evidence = Readonly<Record<string, string>>

/** A signed payment: `payload` goes into the x402 PaymentPayload. */
export type Signed = {
  readonly payload: Readonly<Record<string, unknown>>
  readonly evidence: Evidence
}

/** What a payment does, computed from what is signed and from nothing else. */
export type TransferSummary = {
  /** CAIP-2. */
  readonly network: string
  readonly asset: string
  /** Atomic units of `asset`. */
  readonly amount: bigint
  readonly payTo: string
  readonly from: string
}

/** A payment made ready: nothing is signed until `sign` is called. */
export type Prepared = {
  /** Unix seconds by the gateway's clock after which the chain refuses it. */
  readonly expiresAt: number
  readonly evidence: Evidence
  readonly summary: TransferSummary
  readonly sign: () => Promise<Signed>
}

/** What the chain says of a payment: `dead` means never used and never usable again. */
export type Fate = 'settled' | 'dead' | 'unknown'

/**
 * A wallet as the SDK needs it. The chain packages make these; the SDK never sees a key, and the
 * only two things it can have signed are a transfer that `refuse` let pass and a sign-in message.
 */
export type Wallet = {
  /** CAIP-2 namespace. */
  readonly namespace: 'eip155' | 'solana'
  /** EIP-55 or base58. */
  readonly address: string
  /** The networks it can pay on, by CAIP-2 id. */
  readonly networks: Readonly<Record<string, Asset>>
  /** The x402 scheme it pays by. Default `exact`. */
  readonly scheme?: string
  /** Why these terms must not be signed, or undefined. */
  readonly refuse: (terms: Terms) => string | undefined
  readonly prepare: (
    terms: Terms,
    context: ChainContext & {
      /** Unix seconds by the gateway's clock. */
      readonly now: number
      /** Seconds. */
      readonly validity: number
    },
  ) => Promise<Prepared>
  /** Signs a sign-in message; resolves to the signature as `SIGN-IN-WITH-X` carries it. */
  readonly signMessage: (message: string, signal?: AbortSignal) => Promise<string>
  /** True where signing asks a person. */
  readonly interactive?: boolean
  /** Fetches ahead of need what `prepare` would fetch. Never rejects. */
  readonly prefetch?: (network: string, context: ChainContext) => Promise<void>
  /** Asks the chain. Never rejects: what cannot be asked is `unknown`. */
  readonly fate: (evidence: Evidence, context: ChainContext) => Promise<Fate>
}
