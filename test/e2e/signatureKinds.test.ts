import { ARouter, memoryStore, withX402EvmPayment } from '@arouter/sdk'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { failure, HELLO } from '../support/harness'
import { challenge, offer, startHostileGateway, USDC } from '../support/hostileGateway'

/** All that a viem account or `WalletClient` can be asked besides the two things the SDK may ask. */
const FORBIDDEN = [
  'sign',
  'signTransaction',
  'signAuthorization',
  'prepareAuthorization',
  'sendTransaction',
  'sendRawTransaction',
  'sendCalls',
  'writeContract',
  'deployContract',
  'request',
  'requestAddresses',
  'addChain',
  'switchChain',
  'watchAsset',
  'experimental_signAuthorization',
] as const

/** An account that keeps what it signs, and notes whatever else it is asked. */
function trap() {
  const account = privateKeyToAccount(generatePrivateKey())
  const seen = { typed: [] as unknown[], messages: [] as unknown[], forbidden: [] as string[] }
  const traps = Object.fromEntries(
    FORBIDDEN.map((name) => [
      name,
      async () => {
        seen.forbidden.push(name)
        throw new Error(`${name} was called`)
      },
    ]),
  )
  const signer = {
    ...traps,
    address: account.address,
    signTypedData: (typedData: Parameters<typeof account.signTypedData>[0]) => {
      seen.typed.push(typedData)
      return account.signTypedData(typedData)
    },
    signMessage: (parameters: { readonly message: string }) => {
      seen.messages.push(parameters.message)
      return account.signMessage(parameters)
    },
  }
  return { signer, seen }
}

const PERMIT2 = '0x000000000022D473030F116dDEE9F6B43aC78BA3'
const SPONSORING = {
  erc20ApprovalGasSponsoring: { info: { asset: USDC, spender: PERMIT2, amount: `${2n ** 256n}` } },
  eip2612GasSponsoring: { info: { asset: USDC, spender: PERMIT2 } },
}
const permit2 = { name: 'USD Coin', version: '2', assetTransferMethod: 'permit2' }

/** Challenges that would have another client sign something else; what an honest part of them may get. */
const challenges: readonly (readonly [
  string,
  readonly unknown[],
  object,
  'transfer' | 'nothing',
])[] = [
  ['Permit2 for USDC', [offer({ extra: permit2 })], {}, 'nothing'],
  ['Permit2 with an approval', [offer({ extra: permit2 })], { extensions: SPONSORING }, 'nothing'],
  ['sponsoring beside a transfer', [offer()], { extensions: SPONSORING }, 'transfer'],
  ['Permit2 beside a transfer', [offer({ extra: permit2 }), offer()], {}, 'transfer'],
  [
    'EIP-2612',
    [offer({ extra: { ...permit2, assetTransferMethod: 'eip2612' } })],
    { extensions: SPONSORING },
    'nothing',
  ],
  [
    'an approval',
    [offer({ extra: { ...permit2, assetTransferMethod: 'approve' } })],
    {},
    'nothing',
  ],
  [
    'EIP-7702',
    [offer({ extra: { ...permit2, assetTransferMethod: 'eip7702' } })],
    { extensions: { setCodeAuthorization: { address: PERMIT2 } } },
    'nothing',
  ],
  ['another scheme', [offer({ scheme: 'upto' })], {}, 'nothing'],
  ['an escrow', [offer({ scheme: 'auth-capture' })], {}, 'nothing'],
  ['a channel', [offer({ scheme: 'batch-settlement' })], {}, 'nothing'],
  ['Permit2 as the asset', [offer({ asset: PERMIT2 })], {}, 'nothing'],
  [
    'typed data of its own',
    [
      offer({
        extra: {
          name: 'USD Coin',
          version: '2',
          primaryType: 'Permit',
          types: { Permit: [{ name: 'owner', type: 'address' }] },
          domain: { name: 'Permit2', verifyingContract: PERMIT2 },
        },
      }),
    ],
    {},
    'transfer',
  ],
]

test.each(challenges)(
  'a 402 that asks for %s gets no signature but that of a transfer',
  async (_, accepts, changes, expected) => {
    const gateway = await startHostileGateway(({ payment }, response, url) => {
      if (payment) response.end('{"choices":[]}')
      else response.writeHead(402, { 'payment-required': challenge(url, accepts, changes) }).end()
    })
    const { signer, seen } = trap()
    const client = withX402EvmPayment(
      new ARouter({ baseURL: gateway.url, maxRetries: 0 }),
      signer,
      {
        store: memoryStore(),
        signIn: 'never',
      },
    )
    if (expected === 'transfer') await client.chatCompletion(HELLO)
    else {
      expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
        code: 'no_acceptable_offer',
        fundsMoved: 'no',
      })
    }
    expect(seen.forbidden).toEqual([])
    expect(seen.messages).toEqual([])
    expect(seen.typed).toHaveLength(expected === 'transfer' ? 1 : 0)
    for (const typedData of seen.typed) {
      expect(typedData).toMatchObject({
        primaryType: 'TransferWithAuthorization',
        types: { TransferWithAuthorization: expect.any(Array) },
        domain: { name: 'USD Coin', version: '2', chainId: 8453, verifyingContract: USDC },
      })
    }
  },
)

test('the trap notices what it is there for', async () => {
  const { signer, seen } = trap()
  for (const name of FORBIDDEN) await failure(Reflect.get(signer, name)())
  expect(seen.forbidden).toEqual(FORBIDDEN)
})
