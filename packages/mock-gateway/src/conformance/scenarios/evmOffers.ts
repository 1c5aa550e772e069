import type { Json } from '../offers'
import { BASE, SOLANA_USDC, STRANGER, USDC } from '../offers'
import { foreignAssets } from './foreignAssets'

type Changes = Json | ((own: string, payTo: string) => Json)

const MAX = (1n << 256n) - 1n

/** A field of an honest offer, and what a hostile one has in its place. */
export const changed: Readonly<Record<string, Changes>> = {
  'an amount of $1,000': { amount: '1000000000' },
  'an amount of $0.99 where at most $0.10 is meant': { amount: '990000' },
  'an amount one unit above $0.10': { amount: '100001' },
  'an amount of 1e30 units': { amount: `1${'0'.repeat(30)}` },
  'an amount of all of uint256': { amount: MAX.toString() },
  'an amount of 2^256': { amount: (MAX + 1n).toString() },
  'an amount that wraps to $0.05 in 256 bits': { amount: (MAX + 50_001n).toString() },
  'an amount that wraps to $0.05 in 64 bits': { amount: ((1n << 64n) + 50_000n).toString() },
  'an amount that wraps to $0.05 in 32 bits': { amount: ((1n << 32n) + 50_000n).toString() },
  'an amount of 78 nines': { amount: '9'.repeat(78) },
  'an amount of 500 digits': { amount: '9'.repeat(500) },
  'an amount that is a number': { amount: 50_000 },
  'an amount that is a number of $1,000': { amount: 1_000_000_000 },
  'an amount that is a list of $1,000': { amount: ['1000000000'] },
  'an amount that is a list': { amount: ['50000'] },
  'an amount that is an object': { amount: { value: '50000' } },
  'an amount that is true': { amount: true },
  'an amount that is null': { amount: null },
  'no amount': { amount: undefined },
  'an amount of nothing': { amount: '' },
  'an amount of zero': { amount: '0' },
  'an amount of zeros': { amount: '00000' },
  'a negative amount': { amount: '-50000' },
  'a negative amount of one': { amount: '-1' },
  'an amount with a plus sign': { amount: '+50000' },
  'an amount with a fraction': { amount: '0.5' },
  'an amount with a fraction of zero': { amount: '50000.0' },
  'an amount in exponents': { amount: '5e4' },
  'an amount in exponents that is $1,000': { amount: '1e9' },
  'an amount in hex': { amount: '0xC350' },
  'an amount in hex that is $1,000': { amount: '0x3B9ACA00' },
  'an amount in octal': { amount: '0o141520' },
  'an amount in binary': { amount: '0b1100001101010000' },
  'an amount with a leading zero': { amount: '050000' },
  'an amount with a space before it': { amount: ' 50000' },
  'an amount with a line break after it': { amount: '50000\n' },
  'an amount with thousands apart by commas': { amount: '50,000' },
  'an amount with thousands apart by underscores': { amount: '50_000' },
  'an amount in dollars': { amount: '$0.05' },
  'an amount as a bigint literal': { amount: '50000n' },
  'an amount in Arabic digits': { amount: '٥٠٠٠٠' },
  'an amount in full-width digits': { amount: '５００００' },
  'an amount of NaN': { amount: 'NaN' },
  'an amount of Infinity': { amount: 'Infinity' },

  'a time that is a text': { maxTimeoutSeconds: '60' },
  'a time that is a list': { maxTimeoutSeconds: [60] },
  'a time that is an object': { maxTimeoutSeconds: {} },
  'a time that is true': { maxTimeoutSeconds: true },
  'a time that is null': { maxTimeoutSeconds: null },
  'no time': { maxTimeoutSeconds: undefined },
  'a time with a fraction': { maxTimeoutSeconds: 60.5 },
  'a time of zero': { maxTimeoutSeconds: 0 },
  'a time of minus 1,000': { maxTimeoutSeconds: -1000 },
  'a time in hex': { maxTimeoutSeconds: '0x3c' },
  'a time that is an empty text': { maxTimeoutSeconds: '' },

  'a token of its own': { asset: '0x1111111111111111111111111111111111111111' },
  'a token of its own for 1e30 units': {
    asset: '0x1111111111111111111111111111111111111111',
    amount: `1${'0'.repeat(30)}`,
  },
  'a token of its own that is said to have 18 decimals': {
    asset: '0x1111111111111111111111111111111111111111',
    extra: { name: 'USD Coin', version: '2', decimals: 18 },
  },
  'the bridged USDC of Base': { asset: '0xd9aAEc86B65D86f6A7B5B1b0c42FFA531710b6CA' },
  'the euro coin of Base': { asset: '0x60a3E35Cc302bFA44Cb288Bc5a4F316Fdb1adb42' },
  'the USDC of Base Sepolia': { asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e' },
  'the USDC of Ethereum': { asset: '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48' },
  'the USDC of Solana': { asset: SOLANA_USDC },
  'the zero address as token': { asset: `0x${'0'.repeat(40)}` },
  'the address that stands for ether as token': { asset: `0x${'Ee'.repeat(20)}` },
  'the payer as token': (own) => ({ asset: own }),
  'a token without 0x': { asset: USDC.slice(2) },
  'a token with 0X': { asset: `0X${USDC.slice(2)}` },
  'a token with a space after it': { asset: `${USDC} ` },
  'a token with a line break after it': { asset: `${USDC}\n` },
  'a token in the checksum of nobody': { asset: USDC.replace('fCD6', 'FCD6') },
  'a token by its symbol': { asset: 'USDC' },
  'a token by its name': { asset: 'usdc.eth' },
  'a token by CAIP-19': { asset: `${BASE}/erc20:${USDC}` },
  'a token that is a list': { asset: [USDC] },
  'a token that is null': { asset: null },
  'a token that is a number': { asset: 7 },
  'no token': { asset: undefined },

  'Base Sepolia with its USDC': {
    network: 'eip155:84532',
    asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
    extra: { name: 'USDC', version: '2' },
  },
  'Base Sepolia with the USDC of Base': { network: 'eip155:84532' },
  'Ethereum with the USDC of Base': { network: 'eip155:1' },
  'a chain id with a leading zero': { network: 'eip155:08453' },
  'a chain id in hex': { network: 'eip155:0x2105' },
  'a chain id in exponents': { network: 'eip155:8453e0' },
  'a network in capitals': { network: 'EIP155:8453' },
  'a network with a space': { network: 'eip155:8453 ' },
  'a network with a line break': { network: 'eip155:8453\n' },
  'a network with a part too many': { network: 'eip155:8453:1' },
  'a network without a chain': { network: 'eip155:' },
  'every EVM network': { network: 'eip155:*' },
  'a network by its number': { network: 8453 },
  'a network by its name in version 1': { network: 'base' },
  'a network that is a list': { network: [BASE] },
  'a network that is null': { network: null },
  'a network named __proto__': { network: '__proto__' },
  'a network named constructor': { network: 'constructor' },
  'no network': { network: undefined },
  'Solana with a token of Base': { network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp' },

  'a payment to the zero address': { payTo: `0x${'0'.repeat(40)}` },
  'a payment to the payer': (own) => ({ payTo: own }),
  'a payment to the payer in small letters': (own) => ({ payTo: own.toLowerCase() }),
  'a payment to the token': { payTo: USDC },
  'a payment to an address in the checksum of nobody': (_, payTo) => ({ payTo: swapCase(payTo) }),
  'a payment to an address of 19 bytes': (_, payTo) => ({ payTo: payTo.slice(0, -2) }),
  'a payment to an address of 21 bytes': (_, payTo) => ({ payTo: `${payTo}00` }),
  'a payment to an address without 0x': (_, payTo) => ({ payTo: payTo.slice(2) }),
  'a payment to an address with a space': (_, payTo) => ({ payTo: ` ${payTo}` }),
  'a payment to an address with a line break': (_, payTo) => ({ payTo: `${payTo}\n` }),
  'a payment to a name': { payTo: 'gateway.eth' },
  'a payment to a Solana address': { payTo: SOLANA_USDC },
  'a payment to a list': (_, payTo) => ({ payTo: [payTo] }),
  'a payment to an object': (_, payTo) => ({ payTo: { address: payTo } }),
  'a payment to null': { payTo: null },
  'a payment to a number': { payTo: 1 },
  'a payment to nobody': { payTo: undefined },

  'no scheme': { scheme: undefined },
  'a scheme that is null': { scheme: null },
  'a scheme that is a list': { scheme: ['exact'] },
  'a scheme in capitals': { scheme: 'EXACT' },
  'a scheme with a space': { scheme: 'exact ' },
  'a scheme named permit': { scheme: 'permit' },
  'a scheme named constructor': { scheme: 'constructor' },

  'the domain "Permit All" 666': { extra: { name: 'Permit All', version: '666' } },
  'a domain name of nothing': { extra: { name: '', version: '2' } },
  'the domain name of the testnet': { extra: { name: 'USDC', version: '2' } },
  'a domain name in other letters': { extra: { name: 'USD\u00a0Coin', version: '2' } },
  'a domain name that is a list': { extra: { name: ['USD Coin'], version: '2' } },
  'a domain version that is a number': { extra: { name: 'USD Coin', version: 2 } },
  'the domain version 1': { extra: { name: 'USD Coin', version: '1' } },
  'USDC with 18 decimals': { extra: { name: 'USD Coin', version: '2', decimals: 18 } },
  'USDC with 18 decimals, for $0.90': {
    amount: '900000',
    extra: { name: 'USD Coin', version: '2', decimals: 18 },
  },
  'USDC with decimals in a text': { extra: { name: 'USD Coin', version: '2', decimals: '6' } },
  'an unknown transfer method': {
    extra: { name: 'USD Coin', version: '2', assetTransferMethod: 'approve' },
  },
  'a transfer method that is a list': {
    extra: { name: 'USD Coin', version: '2', assetTransferMethod: ['eip3009'] },
  },
  'an unknown payment flow': { extra: { name: 'USD Coin', version: '2', paymentFlow: 'drain' } },
  'a payment flow that is a number': { extra: { name: 'USD Coin', version: '2', paymentFlow: 1 } },
  'extra that is a text': { extra: 'USD Coin' },
  'extra that is a list': { extra: ['USD Coin', '2'] },
}

/** USDC's address with one digit changed. */
export const nibbles: Readonly<Record<string, Changes>> = Object.fromEntries(
  [2, 6, 10, 14, 18, 22, 26, 30, 34, 38, 41].map((at) => {
    const digits = USDC.toLowerCase()
    const other = ((Number.parseInt(digits.charAt(at), 16) + 1) % 16).toString(16)
    const asset = digits.slice(0, at) + other + digits.slice(at + 1)
    return [`the address of USDC with digit ${at - 1} changed`, { asset }]
  }),
)

export const foreign: Readonly<Record<string, Changes>> = Object.fromEntries(
  foreignAssets.map(([network, asset, name, version]) => [
    `${name} on ${network}`,
    { network, asset, extra: { name, version } },
  ]),
)

/** Times that are numbers, and that a payer may cut down to a few minutes in place of refusing. */
export const times: Readonly<Record<string, number>> = {
  'a day': 86_400,
  'ten years': 315_360_000,
  'a million years': 3.2e13,
  'all that a number holds': Number.MAX_SAFE_INTEGER,
  '1e308 seconds': 1e308,
}

/** Fields that ask for another signature than a transfer's; they must change nothing. */
export const lures: Readonly<Record<string, Json>> = {
  'a chain id in extra': { chainId: 1 },
  'a contract in extra': { verifyingContract: STRANGER },
  'a payee in extra': { payTo: STRANGER, to: STRANGER },
  'an amount in extra': { amount: '1000000000', value: '1000000000' },
  'a time in extra': { validBefore: '99999999999', validAfter: '0' },
  'a primary type in extra': { primaryType: 'Permit' },
  'a domain in extra': { domain: { name: 'Permit2', chainId: 1, verifyingContract: STRANGER } },
}

/** The same for an offer in version 1. */
export const changedV1: Readonly<Record<string, Json>> = {
  'a dear offer in version 1': { maxAmountRequired: '1000000000' },
  'an amount that is a number in version 1': { maxAmountRequired: 50_000 },
  'a token of its own in version 1': { asset: '0x1111111111111111111111111111111111111111' },
  'a time that is a text in version 1': { maxTimeoutSeconds: '60' },
  'a wrong domain in version 1': { extra: { name: 'Permit All', version: '666' } },
  'a resource elsewhere in version 1': { resource: 'https://evil.example/v1/chat/completions' },
  'the fields of version 2 in version 1': { maxAmountRequired: undefined, amount: '50000' },
  'a scheme of its own in version 1': { scheme: 'permit' },
  'a network of its own in version 1': { network: 'base2' },
  'a payment to the zero address in version 1': { payTo: `0x${'0'.repeat(40)}` },
}

/** The address with the case of its first letter turned, so that its EIP-55 checksum is wrong. */
function swapCase(address: string): string {
  return `0x${address
    .slice(2)
    .replace(/[a-fA-F]/, (letter) =>
      letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
    )}`
}
