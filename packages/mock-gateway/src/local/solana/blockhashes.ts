import { getBase58Decoder } from '@solana/kit'

/** The blockhashes that somebody asked for. */
export interface Blockhashes {
  /** The blockhash of a block. */
  at(height: bigint): string
  /** Whether a transaction with it may land in the block after `height`. */
  isValid(blockhash: string, height: bigint): boolean
  /** Forgets those of blocks above a height: other blocks take their place. */
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
  const forget = (height: bigint, blockhash: string) => {
    hashes.delete(height)
    heights.delete(blockhash)
  }
  return {
    at: (height) => {
      const known = hashes.get(height)
      if (known !== undefined) return known
      const made = getBase58Decoder().decode(crypto.getRandomValues(new Uint8Array(32)))
      hashes.set(height, made)
      heights.set(made, height)
      const [oldest] = hashes
      if (oldest && hashes.size > MOST_KEPT) forget(...oldest)
      return made
    },
    isValid: (blockhash, height) => {
      const from = heights.get(blockhash)
      return from !== undefined && from <= height && height <= from + BLOCKHASH_LIFE
    },
    undo: (height) => {
      for (const [at, blockhash] of hashes) if (at > height) forget(at, blockhash)
    },
  }
}
