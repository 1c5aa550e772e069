import { read32 } from './bytes'
import { assetOf } from './networks'
import { ASSOCIATED_TOKEN, COMPUTE_BUDGET, LIGHTHOUSE, MEMO, SYSTEM, TOKEN } from './programs'
import type { Terms } from './wallet'

const PROGRAMS = [SYSTEM, TOKEN, ASSOCIATED_TOKEN, COMPUTE_BUDGET, MEMO, LIGHTHOUSE]
const MAX_MEMO_BYTES = 256

/** Why these terms must not be signed by the account `owner`, or undefined. */
export function refuseTerms(terms: Terms, owner: string): string | undefined {
  const { amount, payTo, extra } = terms
  const asset = assetOf(terms.network)
  if (asset === undefined) return 'the network is not one this wallet pays on'
  if (terms.asset !== asset.address) return 'the asset is not USDC on that network'
  if (extra.decimals !== undefined && extra.decimals !== asset.decimals) {
    return 'the stated decimals are not those of USDC'
  }
  if (extra.tokenProgram !== undefined && extra.tokenProgram !== TOKEN) {
    return 'the token program is not SPL Token'
  }
  const taken = [owner, asset.address, ...PROGRAMS]
  const refused =
    refuseParty('payTo', payTo, taken) ?? refuseParty('feePayer', extra.feePayer, [payTo, ...taken])
  if (refused !== undefined) return refused
  if (extra.memo !== undefined && !isMemo(extra.memo)) {
    return 'the memo is not printable text of at most 256 bytes'
  }
  if (extra.recentBlockhash !== undefined && read32(extra.recentBlockhash) === undefined) {
    return 'recentBlockhash is not a blockhash'
  }
  if (amount <= 0n) return 'the amount is not above zero'
  if (amount >= 1n << 64n) return 'the amount does not fit 64 bits'
  return undefined
}

function refuseParty(
  name: string,
  address: unknown,
  taken: readonly unknown[],
): string | undefined {
  if (read32(address) === undefined) return `${name} is not a valid Solana address`
  return taken.includes(address)
    ? `${name} is another party to the payment, or a program`
    : undefined
}

function isMemo(memo: unknown): boolean {
  return (
    typeof memo === 'string' &&
    // Nothing invisible: no control, format, private or unpaired character, no line separator.
    /^[^\p{C}\p{Zl}\p{Zp}]{1,256}$/u.test(memo) &&
    new TextEncoder().encode(memo).length <= MAX_MEMO_BYTES
  )
}
