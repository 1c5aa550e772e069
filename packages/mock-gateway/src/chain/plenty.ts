/** What a wallet holds at first where balances are unlimited: a billion dollars, in atomic units of USDC. */
export const PLENTY = 1_000_000_000_000_000n
