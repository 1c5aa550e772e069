import type { Asset } from './wallet'

/**
 * USDC on Base, by CAIP-2 id: Circle's contract addresses and the EIP-712 domains those contracts
 * answer to. The mainnet contract is named "USD Coin" and the testnet one "USDC".
 */
export const networks: Readonly<Record<string, Asset>> = {
  'eip155:8453': {
    address: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
    symbol: 'USDC',
    decimals: 6,
    testnet: false,
    rpc: 'https://mainnet.base.org',
    name: 'USD Coin',
    version: '2',
  },
  'eip155:84532': {
    address: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
    symbol: 'USDC',
    decimals: 6,
    testnet: true,
    rpc: 'https://sepolia.base.org',
    name: 'USDC',
    version: '2',
  },
}
