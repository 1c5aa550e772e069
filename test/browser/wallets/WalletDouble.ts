import type { Owner } from './owner'

/** How a call that a page made to a wallet ended; `fault` as EIP-1193, "ProviderRpcError". */
export type WalletAnswer =
  | { readonly result: unknown }
  | { readonly fault: { readonly code: number; readonly message: string } }

/** How a wallet shows itself to pages. */
export type Appearance = {
  readonly kind: 'evm' | 'solana'
  readonly name: string
  /** EIP-6963 `rdns`; of a Solana wallet its name again. */
  readonly id: string
  /** A data URI. */
  readonly icon: string
}

/** A wallet extension whose keys are here, in Node, and never in a page. */
export type WalletDouble = {
  readonly appearance: Appearance
  readonly owner: Owner
  /** Answers what a page asked of it. */
  readonly call: (method: string, params: readonly unknown[]) => Promise<WalletAnswer>
  /** Is told by `installWallets` how to reach the pages. */
  readonly onEvent: (tell: (event: string, value: unknown) => void) => void
}

/** What `act` resolves to, or the error that it throws with a code, fit to cross to the page. */
export async function answering(act: () => Promise<unknown>): Promise<WalletAnswer> {
  try {
    return { result: await act() }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && typeof error.code === 'number')) throw error
    return { fault: { code: error.code, message: error.message } }
  }
}

/** The first letter of a name on a square of one colour. */
export function iconOf(name: string, colour: string): string {
  const letter = `<text x="16" y="22.5" font-family="sans-serif" font-size="18" font-weight="700" text-anchor="middle" fill="#fff">${name[0]}</text>`
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="${colour}"/>${letter}</svg>`
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`
}
