import { evmSigner } from '@arouter/x402-evm'
import nacl from 'tweetnacl'
import { createWalletClient, http } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { base } from 'viem/chains'
import { describe, expect, test } from 'vitest'
import { isARouterError } from './errors'
import { evmWallet, messageSigner, solanaWallet } from './signers'

const account = privateKeyToAccount(generatePrivateKey())
const pair = nacl.sign.keyPair()

function thrown(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error
  }
}

describe('a paying wallet', () => {
  test('is made of a viem account or WalletClient, and of a Solana key', () => {
    const client = createWalletClient({ account, chain: base, transport: http('http://127.0.0.1') })
    expect(evmWallet(account)).toMatchObject({ namespace: 'eip155', address: account.address })
    expect(evmWallet(client).address).toBe(account.address)
    expect(solanaWallet(pair)).toMatchObject({ namespace: 'solana' })
    expect(solanaWallet(pair.secretKey).address).toBe(solanaWallet(pair).address)
  })

  test('is taken as it is where it is one already', () => {
    const wallet = evmSigner(account)
    expect(evmWallet(wallet)).toBe(wallet)
  })

  test.each([
    undefined,
    null,
    5,
    'x',
    {},
    { address: account.address },
    { ...account, address: '0x12' },
  ])('is not made of %s', (signer) => {
    // @ts-expect-error what JavaScript callers may pass
    const error = thrown(() => evmWallet(signer))
    expect(isARouterError(error, 'invalid_signer')).toBe(true)
    expect(error).toMatchObject({ fundsMoved: 'no' })
  })

  test.each([undefined, null, 5, 'not base58', {}, new Uint8Array(32), new Uint8Array(65)])(
    'for Solana is not made of %s',
    (signer) => {
      // @ts-expect-error what JavaScript callers may pass
      const error = thrown(() => solanaWallet(signer))
      expect(isARouterError(error, 'invalid_signer')).toBe(true)
    },
  )

  test('that cannot be made is refused without quoting the key', () => {
    const key = generatePrivateKey()
    // @ts-expect-error a common mistake: the key where its account belongs
    const error = thrown(() => evmWallet(key))
    expect(String(error)).not.toContain(key.slice(2))
  })
})

describe('a signer that signs in', () => {
  const signMessage = async (message: string) => `0x${message.length}`

  test('has its EVM address in EIP-55, however it was written', async () => {
    const signer = messageSigner({ address: account.address.toLowerCase(), signMessage })
    expect(signer.address).toBe(account.address)
    expect(await signer.signMessage('abc')).toBe('0x3')
  })

  test('may be for Solana', () => {
    const { address } = solanaWallet(pair)
    expect(messageSigner({ address, signMessage }).address).toBe(address)
  })

  test('may be the account that pays', async () => {
    const signer = messageSigner(account)
    expect(signer.address).toBe(account.address)
    expect(await signer.signMessage('abc')).toBe(await account.signMessage({ message: 'abc' }))
  })

  test.each([
    {},
    { address: account.address },
    { address: 5, signMessage },
    { address: 'alice', signMessage },
    { address: '0x12', signMessage },
    { address: `${account.address}0`, signMessage },
    { address: '0OIl'.repeat(10), signMessage },
  ])('is refused where it is no { address, signMessage }: %s', (signer) => {
    // @ts-expect-error what JavaScript callers may pass
    const error = thrown(() => messageSigner(signer))
    expect(isARouterError(error, 'invalid_signer')).toBe(true)
  })

  test('that is refused is told why', () => {
    const refused = [{}, { address: 'alice', signMessage }, { address: '0x12', signMessage }]
    // @ts-expect-error what JavaScript callers may pass
    const messages = refused.map((signer) => String(thrown(() => messageSigner(signer))))
    expect(messages).toMatchInlineSnapshot(`
      [
        "ARouterError: The signer cannot be used: a wallet signer is { address, signMessage }. Funds moved: no.",
        "ARouterError: The signer cannot be used: its address is neither an EVM nor a Solana address. Funds moved: no.",
        "ARouterError: The signer cannot be used: An EVM address is 0x and 40 hex digits. Funds moved: no.",
      ]
    `)
  })
})

describe('a wallet signer', () => {
  test.each([undefined, null, 5, 'x'])('is refused where it is no object: %s', (signer) => {
    expect(
      isARouterError(
        thrown(() => messageSigner(signer as never)),
        'invalid_signer',
      ),
    ).toBe(true)
  })
})
