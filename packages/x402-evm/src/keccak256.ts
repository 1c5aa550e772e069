/** Bytes taken in at a time. */
const RATE = 136

/** Keccak-256 as Ethereum has it: with the padding of the submission, not that of FIPS 202. */
export function keccak256(input: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil((input.length + 1) / RATE) * RATE)
  padded.set(input)
  padded[input.length] = 0x01
  padded[padded.length - 1] = (padded[padded.length - 1] ?? 0) | 0x80
  const lanes = new BigUint64Array(25)
  const bytes = new Uint8Array(lanes.buffer)
  for (let at = 0; at < padded.length; at += RATE) {
    for (let index = 0; index < RATE; index++)
      bytes[index] = (bytes[index] ?? 0) ^ (padded[at + index] ?? 0)
    permute(lanes)
  }
  return bytes.slice(0, 32)
}

// Keccak-f[1600], FIPS 202 section 3.2; the lane (x, y) is at x + 5y. Writing to the array keeps 64 bits.
function permute(lanes: BigUint64Array): void {
  const at = (index: number) => lanes[index] ?? 0n
  const row = new BigUint64Array(5)
  let register = 1
  for (let round = 0; round < 24; round++) {
    // Theta.
    for (let x = 0; x < 5; x++) {
      row[x] = at(x) ^ at(x + 5) ^ at(x + 10) ^ at(x + 15) ^ at(x + 20)
    }
    for (let i = 0; i < 25; i++) {
      lanes[i] = at(i) ^ (row[(i + 4) % 5] ?? 0n) ^ rotate(row[(i + 1) % 5] ?? 0n, 1)
    }
    // Rho and pi, along the one cycle of 24 lanes.
    let carried = at(1)
    for (let step = 0, x = 1, y = 0; step < 24; step++) {
      const target = (2 * x + 3 * y) % 5
      x = y
      y = target
      const next = at(x + 5 * y)
      lanes[x + 5 * y] = rotate(carried, (((step + 1) * (step + 2)) / 2) % 64)
      carried = next
    }
    // Chi.
    for (let y = 0; y < 25; y += 5) {
      row.set(lanes.subarray(y, y + 5))
      for (let x = 0; x < 5; x++) {
        lanes[y + x] = (row[x] ?? 0n) ^ (~(row[(x + 1) % 5] ?? 0n) & (row[(x + 2) % 5] ?? 0n))
      }
    }
    // Iota, its constants from the shift register of section 3.2.5.
    for (let bit = 0; bit < 7; bit++) {
      if (register & 1) lanes[0] = at(0) ^ (1n << BigInt(2 ** bit - 1))
      register = (register << 1) ^ ((register >> 7) * 0x171)
    }
  }
}

const rotate = (lane: bigint, bits: number) => (lane << BigInt(bits)) | (lane >> BigInt(64 - bits))
