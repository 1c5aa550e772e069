import type { Hex } from 'viem'

/** An EIP-3009 TransferWithAuthorization, as the token contract sees it. */
export interface Authorization {
  readonly from: Hex
  readonly to: Hex
  readonly value: bigint
  readonly validAfter: bigint
  readonly validBefore: bigint
  readonly nonce: Hex
}
