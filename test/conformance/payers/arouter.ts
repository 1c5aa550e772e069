import type { PayerFactory } from '@arouter/mock-gateway/conformance'
import { ARouter, memoryStore, withX402Payment } from '@arouter/sdk'

/** This SDK with its defaults, but for the limits that the scenarios mean, and a store of its own. */
export const arouter: PayerFactory = (baseURL, { evm, solana }) =>
  withX402Payment(new ARouter({ baseURL, apiKey: '' }), {
    evm: { signer: evm },
    solana: { signer: solana },
    maxPerPayment: '$0.10',
    budget: { limit: '$1' },
    store: memoryStore(),
  }).fetch
