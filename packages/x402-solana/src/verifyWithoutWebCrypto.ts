import { concat, littleEndian } from './bytes'
import { D, fromLittleEndian, L, P, power } from './curve'

/** Extended coordinates (RFC 8032, section 5.1.4): x = X/Z, y = Y/Z, x * y = T/Z. */
type Point = readonly [x: bigint, y: bigint, z: bigint, t: bigint]

const NEUTRAL: Point = [0n, 1n, 1n, 0n]

/** Ed25519's verification (RFC 8032, section 5.1.7) in plain arithmetic: slow, and not in constant time. */
export async function verifyWithoutWebCrypto(
  signature: Uint8Array,
  message: Uint8Array,
  address: Uint8Array,
): Promise<boolean> {
  const commitment = signature.subarray(0, 32)
  const s = fromLittleEndian(signature.subarray(32))
  const key = decode(address)
  const base = decode(concat([0x58], new Uint8Array(31).fill(0x66)))
  if (signature.length !== 64 || s >= L || key === undefined || base === undefined) return false
  const hash = await crypto.subtle.digest('SHA-512', concat(commitment, address, message))
  const k = fromLittleEndian(new Uint8Array(hash)) % L
  const [x, y, z, t] = key
  const found = encode(combine(base, s, [P - x, y, z, P - t], k))
  return found.every((byte, index) => byte === commitment[index])
}

/** s times p and k times q, added; both scalars are below L. */
function combine(p: Point, s: bigint, q: Point, k: bigint): Point {
  let sum = NEUTRAL
  for (let bit = 252n; bit >= 0n; bit--) {
    sum = add(sum, sum)
    if ((s >> bit) & 1n) sum = add(sum, p)
    if ((k >> bit) & 1n) sum = add(sum, q)
  }
  return sum
}

// Complete: it holds for any two points of the curve, also for the same one twice.
function add([x1, y1, z1, t1]: Point, [x2, y2, z2, t2]: Point): Point {
  const a = (y1 - x1) * (y2 - x2)
  const b = (y1 + x1) * (y2 + x2)
  const c = ((2n * t1 * t2) % P) * D
  const d = 2n * z1 * z2
  const [e, f, g, h] = [mod(b - a), mod(d - c), mod(d + c), mod(b + a)]
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)]
}

// RFC 8032, section 5.1.3.
function decode(bytes: Uint8Array): Point | undefined {
  const encoded = fromLittleEndian(bytes)
  const isOdd = encoded >> 255n
  const y = BigInt.asUintN(255, encoded)
  if (bytes.length !== 32 || y >= P) return undefined
  const u = mod(y * y - 1n)
  const v = mod(D * y * y + 1n)
  let x = (u * v ** 3n * power((u * v ** 7n) % P, (P - 5n) / 8n)) % P
  if (mod(v * x * x) !== u) x = (x * power(2n, (P - 1n) / 4n)) % P
  if (mod(v * x * x) !== u || (x === 0n && isOdd === 1n)) return undefined
  if (x % 2n !== isOdd) x = P - x
  return [x, y, 1n, (x * y) % P]
}

function encode([x, y, z]: Point): readonly number[] {
  const inverse = power(z, P - 2n)
  const isOdd = ((x * inverse) % P) & 1n
  return littleEndian(((y * inverse) % P) | (isOdd << 255n), 32)
}

const mod = (value: bigint) => ((value % P) + P) % P
