import type { Owner } from './owner'

/** A failure as wallets report it (EIP-1193 "ProviderRpcError"). */
export type WalletFault = { readonly code: number; readonly message: string }

/** A call that a page made to a wallet, or the fault it ends with. */
export type WalletAnswer = { readonly result: unknown } | { readonly fault: WalletFault }

/** How a wallet shows itself to pages. */
export type Appearance = {
  readonly kind: 'evm' | 'solana'
  readonly name: string
  /** EIP-6963 `rdns`; of a Solana wallet its name again. */
  readonly id: string
  /** A data URI. */
  readonly icon: string
  /** Base58 and bytes; Solana wallets show them once a page is connected. */
  readonly publicKey?: { readonly address: string; readonly bytes: readonly number[] }
}

/** A wallet extension whose keys are here, in Node, and never in a page. */
export type WalletDouble = {
  readonly appearance: Appearance
  readonly owner: Owner
  /** Answers what a page asked of it. */
  readonly call: (method: string, params: readonly unknown[]) => Promise<WalletAnswer>
  /** Told by `installWallets` how to reach the pages. */
  readonly onEvent: (tell: (event: string, detail: unknown) => Promise<void>) => void
}

/** Thrown inside a double: becomes the fault of an answer. */
export class WalletFaultError extends Error {
  readonly fault: WalletFault
  constructor(code: number, message: string) {
    super(message)
    this.fault = { code, message }
  }
}

/** Answers with what `act` resolves to, or with the fault it throws. */
export async function answering(act: () => Promise<unknown>): Promise<WalletAnswer> {
  try {
    return { result: await act() }
  } catch (error) {
    if (error instanceof WalletFaultError) return { fault: error.fault }
    throw error
  }
}

/** A square in one colour. */
export function iconOf(colour: string): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32"><rect width="32" height="32" rx="8" fill="${colour}"/></svg>`
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`
}
