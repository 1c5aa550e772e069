import { getBase58Decoder } from '@solana/kit'
import nacl from 'tweetnacl'
import { createOwner } from './owner'
import { answering, iconOf, type WalletDouble, WalletFaultError } from './WalletDouble'

export type SolanaWalletDouble = WalletDouble & {
  /** Base58. */
  readonly address: string
}

/** Phantom, as Wallet Standard describes it. */
export function phantom(): SolanaWalletDouble {
  return solanaWallet('Phantom', '#ab9ff2')
}

export function solanaWallet(name: string, colour: string): SolanaWalletDouble {
  const owner = createOwner()
  const { publicKey, secretKey } = nacl.sign.keyPair()
  const address = getBase58Decoder().decode(publicKey)
  let permitted = false

  const consent = async (method: string) => {
    if (await owner.asked(method)) return
    throw new WalletFaultError(4001, 'User rejected the request.')
  }
  const mustBePermitted = () => {
    if (!permitted) throw new WalletFaultError(4100, 'The app has not been connected.')
  }

  const methods: Readonly<Record<string, (params: readonly unknown[]) => Promise<unknown>>> = {
    'standard:connect': async ([input]) => {
      if (permitted) return true
      if (isSilent(input)) return false
      await consent('standard:connect')
      permitted = true
      return true
    },
    'standard:disconnect': async () => {
      permitted = false
    },
    'solana:signTransaction': async ([bytes]) => {
      mustBePermitted()
      await consent('solana:signTransaction')
      return [...signTransaction(bytesOf(bytes), publicKey, secretKey)]
    },
    'solana:signMessage': async ([bytes]) => {
      mustBePermitted()
      await consent('solana:signMessage')
      return [...nacl.sign.detached(bytesOf(bytes), secretKey)]
    },
  }

  return {
    appearance: {
      kind: 'solana',
      name,
      id: name,
      icon: iconOf(colour),
      publicKey: { address, bytes: [...publicKey] },
    },
    owner,
    address,
    call: (method, params) =>
      answering(async () => {
        const known = methods[method]
        if (!known) throw new WalletFaultError(4200, `${method} is not supported.`)
        return known(params)
      }),
    onEvent: () => {},
  }
}

/** Puts the signature of one key into a transaction as it goes over the wire, and changes nothing else. */
function signTransaction(
  wire: Uint8Array,
  publicKey: Uint8Array,
  secretKey: Uint8Array,
): Uint8Array {
  const signatures = wire[0] ?? 0 // compact-u16; a payment has two
  const message = wire.subarray(1 + 64 * signatures)
  const keysAt = 5 // 0x80 of version 0, three bytes of header, the count of keys
  const slots = Array.from({ length: signatures }, (_, slot) => slot)
  const slot = slots.find((index) => {
    const key = message.subarray(keysAt + 32 * index, keysAt + 32 * (index + 1))
    return Buffer.from(key).equals(publicKey)
  })
  if (signatures >= 128 || message[0] !== 0x80 || slot === undefined) {
    throw new WalletFaultError(-32602, 'The transaction is not one for this account.')
  }
  const signed = Uint8Array.from(wire)
  signed.set(nacl.sign.detached(message, secretKey), 1 + 64 * slot)
  return signed
}

function bytesOf(numbers: unknown): Uint8Array {
  if (!Array.isArray(numbers)) throw new WalletFaultError(-32602, 'Bytes were expected.')
  return Uint8Array.from(numbers)
}

function isSilent(input: unknown): boolean {
  return typeof input === 'object' && input !== null && 'silent' in input && Boolean(input.silent)
}
