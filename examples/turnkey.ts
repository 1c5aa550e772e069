import { ARouter, withX402EvmPayment } from '@arouter/sdk'
import { type Hex, hashMessage, hashTypedData, serializeSignature } from 'viem'
import { toAccount } from 'viem/accounts'

/** What is used of `new Turnkey({ ... }).apiClient()` of @turnkey/sdk-server. */
export type TurnkeyClient = {
  signRawPayload(input: {
    readonly signWith: string
    readonly payload: string
    readonly encoding: 'PAYLOAD_ENCODING_HEXADECIMAL'
    readonly hashFunction: 'HASH_FUNCTION_NO_OP'
  }): Promise<{ readonly r: string; readonly s: string; readonly v: string }>
}

/** A wallet of Turnkey pays. `createAccount` of @turnkey/viem makes the same account. */
export async function run(baseURL: string, turnkey: TurnkeyClient, address: Hex) {
  const sign = async (payload: Hex) => {
    const options = {
      encoding: 'PAYLOAD_ENCODING_HEXADECIMAL',
      hashFunction: 'HASH_FUNCTION_NO_OP',
    } as const
    const { r, s, v } = await turnkey.signRawPayload({ signWith: address, payload, ...options })
    return serializeSignature({ r: `0x${r}`, s: `0x${s}`, yParity: Number(v) })
  }
  const account = toAccount({
    address,
    signMessage: ({ message }) => sign(hashMessage(message)),
    signTypedData: (typedData) => sign(hashTypedData(typedData)),
    signTransaction: () => Promise.reject(new Error('not needed')),
  })
  const client = withX402EvmPayment(new ARouter({ baseURL, apiKey: '' }), account)

  const { choices } = await client.chatCompletion({
    model: 'openai/gpt-4o',
    messages: [{ role: 'user', content: 'Hello' }],
  })
  return { answer: choices[0]?.message.content, address }
}
