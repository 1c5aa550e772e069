import { isAddress as isSolanaAddress } from '@solana/kit'
import { isAddress as isEvmAddress } from 'viem'
import { BASE, BASE_USDC, evm, ORIGIN, SOLANA, SOLANA_USDC, solana } from './honest'

/** An offer that may be signed: the rules of this test, written without the SDK's code. */
export type Conforming = {
  readonly network: string
  readonly amount: bigint
  readonly payTo: string
  readonly seconds: number
  readonly raw: unknown
  /** Fit by its terms, and impossible to make a transaction of: no signature must come of it. */
  readonly isHollow: boolean
}

export type Members = Readonly<Record<string, unknown>>

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Nesting of a value; an object or array without members has one level. */
function levels(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let deepest = 0
  for (const item of Object.values(value)) deepest = Math.max(deepest, levels(item))
  return deepest + 1
}

/** A JSON object of at most 16 levels, or undefined. */
export function readMembers(text: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isMembers(value) && levels(value) <= 16 ? value : undefined
  } catch {
    return undefined
  }
}

/** The text in a header of base64 or base64url, padded or not. */
export function readBase64(header: string): string | undefined {
  const bare = header.trim()
  const digits = bare.replace(/={1,2}$/, '')
  for (const digit of digits) {
    if (!'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_'.includes(digit))
      return undefined
  }
  if (digits.length % 4 === 1) return undefined
  const bytes = Buffer.from(digits, 'base64url')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** The offers of a decoded 402 that may be paid; none where the 402 as a whole must be refused. */
export function conforming(value: Members | undefined): readonly Conforming[] {
  if (!value) return []
  const { x402Version, accepts, resource } = value
  if (x402Version !== 1 && x402Version !== 2) return []
  if (!Array.isArray(accepts) || accepts.length > 16) return []
  const entries: readonly unknown[] = accepts
  const urls =
    x402Version === 2
      ? [urlOf(resource)]
      : entries.map((e) => (isMembers(e) ? e.resource : undefined))
  if (x402Version === 1 && resource !== undefined && !isMembers(resource)) return []
  if (!urls.every((url) => url === undefined || isOurs(url))) return []
  return entries.flatMap((entry) => (isMembers(entry) ? (offerIn(entry, x402Version) ?? []) : []))
}

function urlOf(resource: unknown): unknown {
  if (resource === undefined) return undefined
  return isMembers(resource) ? resource.url : 'no object'
}

function isOurs(url: unknown): boolean {
  try {
    return typeof url === 'string' && new URL(url).origin === ORIGIN
  } catch {
    return false
  }
}

const V1_NAMES = new Map<unknown, string>([
  ['base', BASE],
  ['solana', SOLANA],
])

function offerIn(raw: Members, version: 1 | 2): Conforming | undefined {
  const named = version === 1 ? (V1_NAMES.get(raw.network) ?? raw.network) : raw.network
  const units = version === 1 ? raw.maxAmountRequired : raw.amount
  const { scheme, payTo, asset, maxTimeoutSeconds: seconds } = raw
  const extra = raw.extra ?? {}
  if (scheme !== 'exact' || !isMembers(extra)) return undefined
  if (typeof payTo !== 'string' || typeof asset !== 'string') return undefined
  if (typeof units !== 'string' || !/^[0-9]+$/.test(units) || units.startsWith('0'))
    return undefined
  if (units.length > 7 || BigInt(units) > 5_000_000n) return undefined
  if (!Number.isInteger(seconds) || Number(seconds) < 1 || Number(seconds) > 3600) return undefined
  const flow = extra.paymentFlow
  if (flow !== undefined && flow !== 'authorization' && flow !== 'upfront') return undefined
  const terms = { payTo, asset, extra }
  const hollow = named === BASE ? fitEvm(terms) : named === SOLANA ? fitSolana(terms) : undefined
  if (hollow === undefined || typeof named !== 'string') return undefined
  return {
    network: named,
    amount: BigInt(units),
    payTo,
    seconds: Number(seconds),
    raw,
    isHollow: hollow === 'hollow',
  }
}

type Terms = { readonly payTo: string; readonly asset: string; readonly extra: Members }

const isLike = (value: unknown, ...allowed: unknown[]) =>
  value === undefined || allowed.includes(value)

/** An address of which viem knows the checksum, or one without: all digits of one case. */
function isEvm(address: string): boolean {
  if (isEvmAddress(address)) return true
  const digits = address.slice(2)
  return digits === digits.toUpperCase() && isEvmAddress(`0x${digits.toLowerCase()}`)
    ? address.startsWith('0x')
    : false
}

function fitEvm({ payTo, asset, extra }: Terms): 'whole' | undefined {
  if (!isEvm(asset) || asset.toLowerCase() !== BASE_USDC.toLowerCase()) return undefined
  if (!isLike(extra.name, 'USD Coin') || !isLike(extra.version, '2')) return undefined
  if (!isLike(extra.decimals, 6) || !isLike(extra.assetTransferMethod, 'eip3009')) return undefined
  const taken = [`0x${'0'.repeat(40)}`, BASE_USDC.toLowerCase(), evm.address.toLowerCase()]
  return isEvm(payTo) && !taken.includes(payTo.toLowerCase()) ? 'whole' : undefined
}

const PROGRAMS = [
  '11111111111111111111111111111111',
  'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA',
  'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL',
  'ComputeBudget111111111111111111111111111111',
  'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr',
  'L2TExMFKdjpN9kozasaurPirfHy9P8sbXoAN1qA3S95',
]

function fitSolana({ payTo, asset, extra }: Terms): 'whole' | 'hollow' | undefined {
  const { feePayer, memo, recentBlockhash } = extra
  if (asset !== SOLANA_USDC || !isLike(extra.decimals, 6)) return undefined
  if (!isLike(extra.tokenProgram, PROGRAMS[1])) return undefined
  const taken: readonly unknown[] = [solana.address, SOLANA_USDC, ...PROGRAMS]
  if (!isSolanaAddress(payTo) || taken.includes(payTo)) return undefined
  if (typeof feePayer !== 'string' || !isSolanaAddress(feePayer)) return undefined
  if (taken.includes(feePayer) || feePayer === payTo) return undefined
  if (memo !== undefined && !isMemo(memo)) return undefined
  if (recentBlockhash === undefined) return 'hollow' // There is no RPC server to ask for one.
  return typeof recentBlockhash === 'string' && isSolanaAddress(recentBlockhash)
    ? 'whole'
    : undefined
}

function isMemo(memo: unknown): boolean {
  if (typeof memo !== 'string' || memo === '' || Buffer.byteLength(memo) > 256) return false
  return ![...memo].some((letter) =>
    /\p{Cc}|\p{Cf}|\p{Cs}|\p{Co}|\p{Cn}|\p{Zl}|\p{Zp}/u.test(letter),
  )
}

/** Whether a JWT may be adopted for one of our wallets. */
export function mayAdopt(jwt: unknown, address: string, now: number): jwt is string {
  if (typeof jwt !== 'string' || jwt.length > 4096) return false
  const parts = jwt.split('.')
  if (parts.length !== 3 || !parts.every((part) => /^[\w-]+$/.test(part) && part !== ''))
    return false
  const text = readBase64(parts[1] ?? '')
  const claims = text === undefined ? undefined : readMembers(text)
  if (!claims) return true // Opaque.
  const { sub, wallet, address: named, wallet_address: walletAddress, exp } = claims
  for (const subject of [sub, wallet, named, walletAddress]) {
    if (typeof subject !== 'string') continue
    const account = subject.split(':').at(-1) ?? ''
    const isAccount =
      /^0x[0-9a-fA-F]{40}$/.test(account) || /^[1-9A-HJ-NP-Za-km-z]{43,44}$/.test(account)
    const same = account.startsWith('0x')
      ? account.toLowerCase() === address.toLowerCase()
      : account === address
    if (isAccount && !same) return false
  }
  return typeof exp !== 'number' || exp > now
}
