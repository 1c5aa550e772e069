import { parseAbi } from 'viem'

/** What the facilitator calls for a contract wallet: USDC (FiatTokenV2_2) has another for keys. */
export const transferAbi = parseAbi([
  'function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, bytes signature)',
])
