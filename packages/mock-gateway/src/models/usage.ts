import { formatDollars } from '../money'
import type { TokenCounts } from './cost'

/** The `usage` object of an answer; `cost` is in US dollars. */
export function usageOf(tokens: TokenCounts, cost: bigint): Record<string, unknown> {
  return {
    prompt_tokens: tokens.prompt,
    completion_tokens: tokens.completion,
    total_tokens: tokens.prompt + tokens.completion,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
    cost: Number(formatDollars(cost)),
  }
}
