import { localChain } from '@arouter/mock-gateway/local'
import { afterAll } from 'vitest'

/** Where gateways of tests settle: on stubs, or with `AROUTER_CHAIN=local` on chains that run on this machine. */
export const chains = process.env.AROUTER_CHAIN === 'local' ? localChain() : undefined

// Those of one file share them: to start them takes longer than most tests.
if (chains) afterAll(chains.close)
