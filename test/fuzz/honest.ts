import { generateKeyPairSync, sign } from 'node:crypto'
import { evmSigner } from '@arouter/x402-evm'
import { solanaSigner } from '@arouter/x402-solana'
import { getBase58Decoder } from '@solana/kit'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import type { Dictionary } from './mutate'

export const ORIGIN = 'http://127.0.0.1:4020'
export const URL_OF_CHAT = `${ORIGIN}/v1/chat/completions`

export const BASE = 'eip155:8453'
export const BASE_USDC = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913'
export const SOLANA = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'
export const SOLANA_USDC = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'

/** All that was put to a wallet's signer since `forget`. */
export const asked = { transfers: [] as unknown[], messages: 0 }

export function forget(): void {
  asked.transfers = []
  asked.messages = 0
}

const evmAddress = privateKeyToAddress(generatePrivateKey())
// Of the form of a signature, and of nothing: the gateway of this test verifies none.
const SIGNATURE = `0x${'1'.padStart(64, '0')}${'2'.padStart(64, '0')}1b`

/** An EVM wallet that counts, and signs nothing. */
export const evm = evmSigner({
  address: evmAddress,
  signTypedData: async (typedData) => {
    asked.transfers.push(typedData)
    return SIGNATURE
  },
  signMessage: async () => {
    asked.messages++
    return SIGNATURE
  },
})

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
// The last 32 bytes of its SubjectPublicKeyInfo (RFC 8410).
const solanaAddress = getBase58Decoder().decode(
  publicKey.export({ type: 'spki', format: 'der' }).subarray(-32),
)
const signed = (bytes: ArrayLike<number>) => ({
  [solanaAddress]: Uint8Array.from(sign(null, Uint8Array.from(bytes), privateKey)),
})

/** A Solana wallet that counts; its signatures are real, as the SDK verifies them. */
export const solana = solanaSigner({
  address: solanaAddress,
  signTransactions: async (transactions) => {
    asked.transfers.push(...transactions)
    return transactions.map(({ messageBytes }) => signed(messageBytes))
  },
  signMessages: async (messages) => {
    asked.messages += messages.length
    return messages.map(({ content }) => signed(content))
  },
})

export const PAY_TO = '0x209693Bc6afc0C5328bA36FaF03C514EF312287C'
export const SOLANA_PAY_TO = '2wKupLR9q6wXYppw8Gr2NvWxKBUqm4PPJKkQfoxHDBg4'
export const FEE_PAYER = 'EwWqGE4ZFKLofuestmU4LDdK7XM1N4ALgdZccwYugwGd'
const BLOCKHASH = '7yCBjPKVzcXTCZrcnVHsGkkyVDUKTRxTKpJZSHDpVQvS'

/** What an honest gateway offers on Base. */
export const evmOffer = {
  scheme: 'exact',
  network: BASE,
  amount: '1000000',
  asset: BASE_USDC,
  payTo: PAY_TO,
  maxTimeoutSeconds: 60,
  extra: { name: 'USD Coin', version: '2' },
}

/** What an honest gateway offers on Solana. */
export const solanaOffer = {
  scheme: 'exact',
  network: SOLANA,
  amount: '1000000',
  asset: SOLANA_USDC,
  payTo: SOLANA_PAY_TO,
  maxTimeoutSeconds: 60,
  extra: { feePayer: FEE_PAYER, memo: 'order 1', recentBlockhash: BLOCKHASH },
}

const AMOUNTS = [
  '1',
  '999999',
  '5000000',
  '5000001',
  '1000000000',
  '0',
  '00',
  '01000000',
  '-1000000',
  '+1000000',
  '1e6',
  '1000000.0',
  '0x3B9ACA00',
  ' 1000000',
  '1000000 ',
  '1_000_000',
  '９９９',
  '٩٩',
  '9'.repeat(78),
  '9'.repeat(79),
  1_000_000,
  ['1000000'],
  Number.MAX_SAFE_INTEGER,
]
const EVM_ADDRESSES = [
  PAY_TO.toLowerCase(),
  PAY_TO.toUpperCase().replace('0X', '0x'),
  PAY_TO.toUpperCase(),
  PAY_TO.replace('B', 'b'),
  PAY_TO.slice(2),
  `${PAY_TO} `,
  `${PAY_TO}0`,
  `0x${'0'.repeat(40)}`,
  `0x${'0'.repeat(39)}1`,
  evmAddress,
  evmAddress.toLowerCase(),
  BASE_USDC,
  BASE_USDC.toLowerCase(),
  '0x000000000022D473030F116dDEE9F6B43aC78BA3',
]
const SOLANA_ADDRESSES = [
  solanaAddress,
  FEE_PAYER,
  SOLANA_PAY_TO,
  SOLANA_USDC,
  '11111111111111111111111111111111',
  'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA',
  'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL',
  'ComputeBudget111111111111111111111111111111',
  'L2TExMFKdjpN9kozasaurPirfHy9P8sbXoAN1qA3S95',
  'SysvarRecentB1ockHashes11111111111111111111',
  '1'.repeat(44),
  'z'.repeat(44),
  SOLANA_PAY_TO.slice(1),
  `${SOLANA_PAY_TO}1`,
  SOLANA_PAY_TO.toLowerCase(),
]
const NETWORKS = [
  BASE,
  SOLANA,
  'eip155:84532',
  'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
  'eip155:1',
  'eip155:*',
  'EIP155:8453',
  'eip155:08453',
  'eip155:8453 ',
  'base',
  'base-sepolia',
  'solana',
  'solana:*',
  'solana:5eykt4',
]
const TIMES = [0, 1, 3600, 3601, -60, 1e9, 315_360_000, 59.5, '60', '', [60], 2 ** 31, 1e300]
const URLS = [
  URL_OF_CHAT,
  `${ORIGIN}/`,
  `${ORIGIN}/other`,
  'http://127.0.0.1:4020@evil.example/',
  'http://127.0.0.1:4021/',
  'https://127.0.0.1:4020/',
  'http://localhost:4020/',
  'http://127.0.0.1.:4020/',
  'HTTP://127.0.0.1:4020/',
  'http://0x7f.1:4020/',
  'http://127.0.0.1:04020/',
  '/v1/chat/completions',
  '//127.0.0.1:4020/',
  'javascript:alert(1)',
  'data:,x',
  'blob:http://127.0.0.1:4020/x',
]

/** What a hostile gateway would write into each field of a 402. */
export const TERMS: Dictionary = {
  scheme: ['exact', 'Exact', 'exact ', 'upto', 'batch-settlement', 'auth-capture', 'permit2'],
  network: NETWORKS,
  amount: AMOUNTS,
  maxAmountRequired: AMOUNTS,
  asset: [...EVM_ADDRESSES, ...SOLANA_ADDRESSES, 'USDC', 'native'],
  payTo: [...EVM_ADDRESSES, ...SOLANA_ADDRESSES],
  feePayer: [...SOLANA_ADDRESSES, ...EVM_ADDRESSES],
  maxTimeoutSeconds: TIMES,
  url: URLS,
  resource: [...URLS, {}, { url: URL_OF_CHAT }, { url: 'https://evil.example/' }],
  x402Version: [1, 2, 3, 0, '2', '1', 2.0, 1.5, [2]],
  name: ['USD Coin', 'USDC', 'usd coin', 'Permit All', 'USD Coin '],
  version: ['2', 2, '1', '666', ''],
  decimals: [6, '6', 18, 0, -6, 6.0],
  assetTransferMethod: ['eip3009', 'permit2', 'eip2612', 'EIP3009', 'approve', 'eip7702'],
  paymentFlow: ['authorization', 'upfront', 'escrow', 'Authorization', 'pull'],
  tokenProgram: [
    'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA',
    'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb',
  ],
  memo: ['a', '', 'x'.repeat(256), 'x'.repeat(257), 'é'.repeat(129), 'a\nb', 'a\u202eb', '\u2028'],
  recentBlockhash: [...SOLANA_ADDRESSES, BLOCKHASH],
  extra: [{}, null, { name: 'USD Coin', version: '2' }, { ...solanaOffer.extra }],
  accepts: [[], [evmOffer], [solanaOffer], [null], {}, { 0: evmOffer, length: 1 }],
  extensions: [{ erc20ApprovalGasSponsoring: {} }, { eip2612GasSponsoring: {} }],
}
