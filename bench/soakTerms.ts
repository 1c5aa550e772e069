/** What a call costs and what a payment buys, in atomic units: each payment is good for 100,000 calls. */
export const PRICE = 50n
export const TOP_UP = 5_000_000n
