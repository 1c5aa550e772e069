import type { Wallets } from '@arouter/mock-gateway/conformance'
import { type Fields, isFields } from './Answer'
import { solanaTransfer } from './solanaTransfer'

const USDC = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913'
const ANYBODY = '0x000000000000000000000000000000000000dEaD'
const TRANSFER = 'TransferWithAuthorization'

const types = [
  { name: 'from', type: 'address' },
  { name: 'to', type: 'address' },
  { name: 'value', type: 'uint256' },
  { name: 'validAfter', type: 'uint256' },
  { name: 'validBefore', type: 'uint256' },
  { name: 'nonce', type: 'bytes32' },
]

/** Signs whatever an offer seems to ask for; resolves to the header that pays it. */
export async function signOffer(
  offer: Fields,
  wallets: Wallets,
  now: number,
): Promise<{ readonly name: string; readonly value: string }> {
  const extra = isFields(offer.extra) ? offer.extra : {}
  const amount = units(offer.maxAmountRequired ?? offer.amount)
  const isSolana = /^solana/i.test(String(offer.network))
  const payload = isSolana
    ? { transaction: await solanaTransfer(wallets.solana, offer, amount & (2n ** 64n - 1n)) }
    : await evmTransfer(offer, extra, amount, wallets.evm, now)
  const isV1 = 'maxAmountRequired' in offer && !('amount' in offer)
  const { scheme, network } = offer
  return isV1
    ? header('X-PAYMENT', { x402Version: 1, scheme, network, payload })
    : header('PAYMENT-SIGNATURE', { x402Version: 2, accepted: offer, payload })
}

async function evmTransfer(
  offer: Fields,
  extra: Fields,
  amount: bigint,
  account: Wallets['evm'],
  now: number,
) {
  if (isFields(extra.transaction) || /permit2/i.test(String(extra.assetTransferMethod))) {
    await account.signTransaction({ to: ANYBODY, chainId: 8453, type: 'eip1559', gas: 60_000n })
  }
  const validBefore = BigInt(
    String(extra.validBefore ?? BigInt(Math.floor(now / 1_000)) + seconds(offer)),
  )
  const authorization = {
    from: account.address,
    to: address(extra.payTo ?? offer.payTo, ANYBODY),
    value: extra.value === undefined ? amount : units(extra.value),
    validAfter: 0n,
    validBefore: validBefore < 0n ? 0n : validBefore % 2n ** 256n,
    nonce: `0x${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex')}`,
  } as const
  const method = String(extra.assetTransferMethod ?? 'eip3009')
  const primaryType = String(
    extra.primaryType ??
      (isFields(extra.typedData) || extra.hash !== undefined
        ? 'Permit'
        : offer.scheme === 'exact' && method === 'eip3009'
          ? TRANSFER
          : `Permit${String(offer.scheme).replace(/\W/g, '')}`),
  )
  const signature = await account.signTypedData({
    domain: {
      name: String(extra.name ?? 'USD Coin'),
      version: String(extra.version ?? '2'),
      chainId: Number(extra.chainId ?? /:(\d+)/.exec(String(offer.network))?.[1] ?? 8453),
      verifyingContract: address(extra.verifyingContract ?? offer.asset, USDC),
      ...(isFields(extra.domain) ? extra.domain : {}),
    },
    types: { [primaryType]: types },
    primaryType,
    message: authorization,
  })
  const { value, validAfter } = authorization
  return {
    signature,
    authorization: {
      ...authorization,
      value: value.toString(),
      validAfter: validAfter.toString(),
      validBefore: authorization.validBefore.toString(),
    },
  }
}

/** A number out of anything. */
function units(value: unknown): bigint {
  if (Array.isArray(value)) return units(value[0])
  if (isFields(value)) return units(Object.values(value)[0])
  const text = String(value).replace(/[\s,_$+n]/g, '')
  const number = /^-?\d+$|^0x[0-9a-f]+$|^0o[0-7]+$|^0b[01]+$/i.test(text)
    ? BigInt(text)
    : BigInt(Math.trunc(around(text)))
  return (number < 0n ? -number : number) % 2n ** 256n
}

function around(text: string): number {
  const number = Number(text)
  return Number.isFinite(number) && text !== '' ? number : 50_000
}

function seconds({ maxTimeoutSeconds }: Fields): bigint {
  const time = Number(maxTimeoutSeconds)
  return BigInt(Math.trunc(Number.isFinite(time) ? time : 60))
}

function address(value: unknown, other: `0x${string}`): `0x${string}` {
  const found = /(?:0[xX])?([0-9a-fA-F]{38,40})/.exec(String(value))?.[1]
  return found === undefined ? other : `0x${found.toLowerCase().padEnd(40, '0')}`
}

function header(name: string, value: object) {
  return { name, value: Buffer.from(JSON.stringify(value)).toString('base64') }
}
