import { getBase58Decoder } from '@solana/kit'

/** The blockhashes that somebody asked for. */
export interface Blockhashes {
  /** The blockhash of a block. */
  at(height: bigint): string
  /** Whether a transaction with it may land in the block after `height`. */
  isValid(blockhash: string, height: bigint): boolean
  /** Blocks above a height are no more. Their blockhashes live on as that height's: what was undone may land again. */
  undo(height: bigint): void
}

/** Blocks for which a blockhash may be used. */
export const BLOCKHASH_LIFE = 150n
/** More than can be valid at once, however far finality is behind. */
const MOST_KEPT = 10_000

/** Blockhashes made up when they are asked for. */
export function createBlockhashes(): Blockhashes {
  const hashes = new Map<bigint, string>()
  const heights = new Map<string, bigint>()
  const forget = (blockhash: string, height: bigint) => {
    heights.delete(blockhash)
    if (hashes.get(height) === blockhash) hashes.delete(height)
  }
  return {
    at: (height) => {
      const known = hashes.get(height)
      if (known !== undefined) return known
      const made = getBase58Decoder().decode(crypto.getRandomValues(new Uint8Array(32)))
      hashes.set(height, made)
      heights.set(made, height)
      const [oldest] = heights
      if (oldest && heights.size > MOST_KEPT) forget(...oldest)
      return made
    },
    isValid: (blockhash, height) => {
      const from = heights.get(blockhash)
      return from !== undefined && from <= height && height <= from + BLOCKHASH_LIFE
    },
    undo: (height) => {
      for (const [blockhash, from] of heights) if (from > height) heights.set(blockhash, height)
      for (const at of hashes.keys()) if (at > height) hashes.delete(at)
    },
  }
}
