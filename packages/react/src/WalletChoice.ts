import type { Eip1193Provider } from '@arouter/x402-evm'
import type { StandardWallet } from '@arouter/x402-solana'

/** A wallet a person can choose. What it says of itself is its own claim. */
export type WalletChoice = {
  /** The same in each session: the namespace and its reverse domain name or name. */
  readonly id: string
  readonly name: string
  /** A `data:` URI of an image. Show it through `<img>` only: an SVG may hold scripts. */
  readonly icon: string | undefined
} & (
  | { readonly namespace: 'eip155'; readonly provider: Eip1193Provider }
  | { readonly namespace: 'solana'; readonly wallet: StandardWallet }
)
