export type { LocalNode, LocalTransfer } from './LocalNode'
export { type LocalChain, type LocalChainOptions, localChain } from './localChain'
