/** USDC on one network. */
export type Asset = {
  /** The mint. */
  readonly address: string
  readonly symbol: 'USDC'
  readonly decimals: 6
  readonly testnet: boolean
  /** The network's public RPC: the default for asking what became of a payment. */
  readonly rpc: string
}

/** What an offer asks for, as the seller wrote it (x402 v2 PaymentRequirements, scheme `exact`). */
export type Terms = {
  /** CAIP-2. */
  readonly network: string
  readonly asset: string
  /** Atomic units of `asset`. */
  readonly amount: bigint
  readonly payTo: string
  readonly extra: Readonly<Record<string, unknown>>
}

/** How to reach the chain. */
export type ChainContext = {
  /** URLs of JSON-RPC servers of the one network in question. */
  readonly rpc: readonly string[]
  readonly fetch: typeof fetch
  readonly signal?: AbortSignal | undefined
}

/** What a payment is prepared with. */
export type PrepareContext = ChainContext & {
  /** Unix seconds by the gateway's clock. */
  readonly now: number
  /** Seconds. Not used: a Solana transaction lives as long as its blockhash. */
  readonly validity: number
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
  /** Unix seconds by the gateway's clock after which the chain refuses it: a safe estimate. */
  readonly expiresAt: number
  readonly evidence: Evidence
  /** What will be signed, for whoever has to agree to it. */
  readonly summary: TransferSummary
  readonly sign: () => Promise<Signed>
}

/** What the chain says of a payment: `dead` means never used and never usable again. */
export type Fate = 'settled' | 'dead' | 'unknown'

/** A wallet that can sign two things only: a transfer that `refuse` lets pass, and a message. */
export type Wallet = {
  /** CAIP-2 namespace. */
  readonly namespace: 'solana'
  /** Base58. */
  readonly address: string
  /** The networks it can pay on, by CAIP-2 id; the only source of mint and decimals. */
  readonly networks: Readonly<Record<string, Asset>>
  /** Why these terms must not be signed, as a sentence fragment, or undefined. */
  readonly refuse: (terms: Terms) => string | undefined
  /** Throws `WalletError` `refused` where `refuse` gives a reason; asks for no signature yet. */
  readonly prepare: (terms: Terms, context: PrepareContext) => Promise<Prepared>
  /** Ed25519 over the UTF-8 bytes, in standard base64 with padding. */
  readonly signMessage: (message: string, signal?: AbortSignal) => Promise<string>
  /** True where signing asks a person. */
  readonly interactive?: boolean
  /** Fetches the blockhash `prepare` will want. Never rejects. */
  readonly prefetch: (network: string, context: ChainContext) => Promise<void>
  /** Asks the chain. Never rejects: what cannot be asked is `unknown`. */
  readonly fate: (evidence: Evidence, context: ChainContext) => Promise<Fate>
}
