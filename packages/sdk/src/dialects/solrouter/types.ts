/** What a caller encrypted for Solrouter's enclave, as JSON text or as an object: it is passed on as it is. */
export type Envelope = string | Readonly<Record<string, unknown>>

/** What one call may set for itself. */
export type SolrouterCallOptions = {
  readonly signal?: AbortSignal
  /** Milliseconds to the first byte. */
  readonly timeout?: number
}

/** What a call that a wallet pays for may set for itself. */
export type PaidCallOptions = SolrouterCallOptions & {
  /** Names what is paid for: it is paid for once, and its answer kept until `wallet.forget`. */
  readonly idempotencyKey?: string
}

/** `POST /agent`: a prompt, or an encrypted one. */
export type AgentRequest = {
  readonly prompt?: string
  readonly encryptedPrompt?: Envelope
  /** Default `gpt-oss:20b`. */
  readonly model?: string
  readonly useTools?: boolean
  readonly chatId?: string
  readonly reasoning?: 'braid'
  readonly braidOptions?: Readonly<Record<string, unknown>>
}

/** What the agent answers; to an encrypted prompt, with `encryptedResponse` and no `reply`. */
export type AgentAnswer = {
  readonly success: true
  readonly reply?: string
  readonly encrypted?: true
  readonly encryptedResponse?: Envelope
  readonly toolCalls?: readonly {
    readonly tool: string
    readonly args: unknown
    readonly result: unknown
  }[]
  readonly usage?: {
    readonly promptTokens: number
    readonly completionTokens: number
    readonly totalTokens: number
  }
  readonly model?: string
  readonly billing?: Readonly<Record<string, unknown>> | null
  readonly freeMessagesRemaining?: number
  readonly [member: string]: unknown
}

/** A chat of which Solrouter's relay sees ciphertext only. */
export type ChatRequest = {
  readonly encryptedPrompt: Envelope
  readonly model: string
  /** Default 2048. */
  readonly maxTokens?: number
}

/** What it answers. `cost` is in dollars, by its word. */
export type ChatAnswer = {
  readonly encryptedResponse: Envelope
  readonly usage?: {
    readonly prompt_tokens: number
    readonly completion_tokens: number
    readonly total_tokens: number
  }
  readonly cost?: number
  readonly [member: string]: unknown
}

/** `GET /api/v1/balance`, in dollars. */
export type SolrouterBalance = {
  readonly balance_usdc: number
  readonly balance_formatted: string
  readonly [member: string]: unknown
}

/** `GET /api/v1/models`. */
export type SolrouterModels = {
  readonly data: readonly { readonly id: string; readonly [member: string]: unknown }[]
}

/** `GET /api/v1/usage`: its members are not documented. */
export type SolrouterUsage = { readonly [member: string]: unknown }
