/** Checks a signature as a contract wallet does (EIP-1271). */
export type ContractWallet = (
  digest: `0x${string}`,
  signature: `0x${string}`,
) => Promise<boolean> | boolean

/** What a call of a factory deploys (ERC-6492), or undefined where the call would revert. */
export type WalletFactory = (
  data: `0x${string}`,
) => { readonly address: `0x${string}`; readonly wallet: ContractWallet } | undefined
