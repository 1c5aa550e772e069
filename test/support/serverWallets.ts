import { type Hex, parseSignature } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import type { CdpClient } from '../../examples/cdp'
import type { PrivyClient } from '../../examples/privy'
import type { TurnkeyClient } from '../../examples/turnkey'

// Stand-ins of the vendors' clients as documented: what they are given travels as JSON, and the key is
// behind it. Where a client turns bigints into text by itself, so does its stand-in.

/** @coinbase/cdp-sdk 1.x: `POST /platform/v2/evm/accounts/{address}/sign/...`. */
export function cdpDouble(): CdpClient {
  const accounts = new Map<string, ReturnType<typeof newKey>>()
  return {
    evm: {
      getOrCreateAccount: async ({ name }) => {
        const key = accounts.get(name) ?? newKey()
        accounts.set(name, key)
        return {
          address: key.address,
          signMessage: async ({ message }) => key.signMessage({ message: travelled(message) }),
          signTypedData: async (typedData) => key.signTypedData(travelled(typedData, texts)),
        }
      },
    },
  }
}

/** @privy-io/node: `POST /v1/wallets/{wallet_id}/rpc` with `personal_sign` and `eth_signTypedData_v4`. */
export function privyDouble() {
  const key = newKey()
  const wallet = { id: crypto.randomUUID(), address: key.address }
  const own = (id: string) => {
    if (id !== wallet.id) throw new Error('no such wallet')
  }
  const ethereum = () => ({
    signMessage: async (id: string, { message }: { readonly message: string }) => {
      own(id)
      return { signature: await key.signMessage({ message: travelled(message) }) }
    },
    signTypedData: async (id: string, input: object) => {
      own(id)
      const { primary_type, ...rest } = JSON.parse(JSON.stringify(input)).params.typed_data
      return { signature: await key.signTypedData({ ...rest, primaryType: primary_type }) }
    },
  })
  return { privy: { wallets: () => ({ ethereum }) } satisfies PrivyClient, wallet }
}

/** @turnkey/sdk-server: activity `SIGN_RAW_PAYLOAD_V2`; r, s and v (00 or 01) come without 0x. */
export function turnkeyDouble() {
  const key = newKey()
  const turnkey: TurnkeyClient = {
    signRawPayload: async (input) => {
      const { signWith, payload } = travelled(input)
      if (signWith !== key.address) throw new Error('no such key')
      const { r, s, yParity } = parseSignature(await key.sign({ hash: payload as Hex }))
      return { r: r.slice(2), s: s.slice(2), v: `0${yParity}` }
    },
  }
  return { turnkey, address: key.address }
}

const newKey = () => privateKeyToAccount(generatePrivateKey())
const travelled = <T>(value: T, replacer?: typeof texts): T =>
  JSON.parse(JSON.stringify(value, replacer))
const texts = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)
