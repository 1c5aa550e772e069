/** An EIP-3009 TransferWithAuthorization, as the token contract sees it. */
export interface Authorization {
  readonly from: `0x${string}`
  readonly to: `0x${string}`
  readonly value: bigint
  readonly validAfter: bigint
  readonly validBefore: bigint
  readonly nonce: `0x${string}`
}
