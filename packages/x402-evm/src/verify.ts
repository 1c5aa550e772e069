import { secp256k1 } from '@noble/curves/secp256k1'
import { keccak256 } from './keccak256'
import type { TransferTypedData } from './transferAuthorization'
import type { Hex } from './wallet'

/**
 * Recovers who made a signature (SEC 1, section 4.1.6) from the EIP-712 digest of the transfer, or the
 * EIP-191 digest of the message, that the signer was asked for. Takes 65 bytes; a longer signature is
 * that of a contract account (ERC-1271, ERC-6492), which only the chain can check, and passes.
 *
 * `evmSigner(account, { verify })`
 */
export function verify(
  asked: TransferTypedData | string,
  address: Hex,
): (signature: string) => boolean {
  const digest = typeof asked === 'string' ? messageDigest(asked) : transferDigest(asked)
  return (signature) =>
    signature.length > 132 || recover(digest, signature) === address.toLowerCase()
}

/** The address, in lower case, whose key made `signature` over `digest`; undefined if there is none. */
export function recover(digest: Uint8Array, signature: string): string | undefined {
  const v = Number.parseInt(signature.slice(130), 16)
  try {
    const { Signature } = secp256k1
    const key = Signature.fromCompact(signature.slice(2, 130))
      .addRecoveryBit(v - 27)
      .recoverPublicKey(digest)
    return `0x${hex(keccak256(key.toRawBytes(false).subarray(1)).subarray(12))}`
  } catch {
    return undefined // No point of the curve belongs to it: nobody signed this.
  }
}

/** The digest of a transfer (EIP-712, "Specification"). */
export function transferDigest({ domain, types, primaryType, message }: TransferTypedData) {
  const fields = types[primaryType].map(({ type, name }) => `${type} ${name}`)
  const separator = struct(
    'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)',
    [
      keccak256(utf8(domain.name)),
      keccak256(utf8(domain.version)),
      word(BigInt(domain.chainId)),
      word(BigInt(domain.verifyingContract)),
    ],
  )
  const values = types[primaryType].map(({ name }) => word(BigInt(message[name])))
  const content = struct(`${primaryType}(${fields.join()})`, values)
  return keccak256(join([Uint8Array.of(0x19, 0x01), separator, content]))
}

/** A struct of texts and numbers under a domain without contract. */
export type Statement = {
  readonly domain: { readonly name: string; readonly version: string; readonly chainId: bigint }
  readonly primaryType: string
  /** In their order: `uint256 version`, `string network`. */
  readonly fields: readonly string[]
  /** By name; a text that is missing is empty, a number 0. */
  readonly claims: Readonly<Record<string, unknown>>
}

/** The digest of a statement (EIP-712, "Specification"); undefined where it is not of its type. */
export function statementDigest({ domain, primaryType, fields, claims }: Statement) {
  const values: Uint8Array[] = []
  for (const field of fields) {
    const [type, name = ''] = field.split(' ')
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined
    if (type === 'string' && typeof (value ?? '') === 'string')
      values.push(keccak256(utf8(String(value ?? ''))))
    else if (type === 'uint256' && Number.isSafeInteger(value ?? 0) && Number(value ?? 0) >= 0)
      values.push(word(BigInt(Number(value ?? 0))))
    else return undefined
  }
  const separator = struct('EIP712Domain(string name,string version,uint256 chainId)', [
    keccak256(utf8(domain.name)),
    keccak256(utf8(domain.version)),
    word(domain.chainId),
  ])
  const content = struct(`${primaryType}(${fields.join()})`, values)
  return keccak256(join([Uint8Array.of(0x19, 0x01), separator, content]))
}

/**
 * Whether the secp256k1 key `publicKey` (a point by SEC 1) made `signature`, 64 bytes, over the SHA-256
 * of `message` (ES256K, RFC 8812 section 3.2).
 * @throws Error where it is no key.
 */
export function isSignedBy(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  return secp256k1.verify(signature, message, publicKey, { prehash: true, lowS: false })
}

/** The digest of a message (EIP-191, version 0x45). */
export function messageDigest(message: string): Uint8Array {
  const bytes = utf8(message)
  return keccak256(join([utf8(`\x19Ethereum Signed Message:\n${bytes.length}`), bytes]))
}

const struct = (type: string, values: readonly Uint8Array[]) =>
  keccak256(join([keccak256(utf8(type)), ...values]))

const utf8 = (text: string) => new TextEncoder().encode(text)

const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** 32 bytes, big-endian: an address, a number and a bytes32 are all written so. */
function word(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, at) => Number((value >> BigInt(8 * (31 - at))) & 255n))
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
