import type { PayerFactory } from '@arouter/mock-gateway/conformance'

/** A payer that refuses everything, and is safe. */
export const refuser: PayerFactory = () => () => Promise.reject(new Error('no'))
