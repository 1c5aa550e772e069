import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { evmSigner } from './evmSigner'
import type { TransferTypedData } from './transferAuthorization'
import type { PrepareContext, Terms } from './wallet'

const ADDRESS = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
const SIGNATURE = `0x${'1'.padStart(64, '0')}${'2'.padStart(64, '0')}1b`
const terms: Terms = {
  network: 'eip155:8453',
  asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
  amount: 1_000_000n,
  payTo: '0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359',
  extra: {},
}
const context: PrepareContext = { now: 1_800_000_000.9, validity: 60, rpc: [], fetch }

function spyAccount(answer: () => Promise<string> = async () => SIGNATURE) {
  const asked: (TransferTypedData | string)[] = []
  const account = {
    address: ADDRESS,
    secret: 'canary',
    signTypedData: (typedData: TransferTypedData) => {
      asked.push(typedData)
      return answer()
    },
    signMessage: ({ message }: { readonly message: string }) => {
      asked.push(message)
      return answer()
    },
  }
  return { asked, account }
}

test('nothing is signed until sign is called, and then once', async () => {
  const { asked, account } = spyAccount()
  const prepared = await evmSigner(account).prepare(terms, context)
  expect(asked).toHaveLength(0)
  await prepared.sign()
  expect(asked).toHaveLength(1)
})

test('what is signed is a transfer of exactly the terms, its domain from the table', async () => {
  const { asked, account } = spyAccount()
  const prepared = await evmSigner(account).prepare(terms, context)
  const { payload, evidence } = await prepared.sign()
  expect(asked[0]).toMatchObject({
    domain: { name: 'USD Coin', version: '2', chainId: 8453, verifyingContract: terms.asset },
    primaryType: 'TransferWithAuthorization',
    message: { from: ADDRESS, value: 1_000_000n, validAfter: 0n, validBefore: 1_800_000_060n },
  })
  expect(payload).toEqual({
    signature: SIGNATURE,
    authorization: {
      from: ADDRESS,
      to: '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
      value: '1000000',
      validAfter: '0',
      validBefore: '1800000060',
      nonce: evidence.nonce,
    },
  })
  expect(prepared.expiresAt).toBe(1_800_000_060)
  expect(evidence).toEqual(prepared.evidence)
  expect(evidence).toEqual({
    network: 'eip155:8453',
    asset: terms.asset,
    from: ADDRESS,
    nonce: expect.stringMatching(/^0x[0-9a-f]{64}$/),
    validBefore: '1800000060',
  })
})

test('no two payments share a nonce', async () => {
  const wallet = evmSigner(spyAccount().account)
  const prepared = await Promise.all(
    Array.from({ length: 1000 }, () => wallet.prepare(terms, context)),
  )
  expect(new Set(prepared.map(({ evidence }) => evidence.nonce)).size).toBe(1000)
})

test('terms that are refused cannot be prepared', async () => {
  const { asked, account } = spyAccount()
  const wallet = evmSigner(account)
  await expect(wallet.prepare({ ...terms, amount: 0n }, context)).rejects.toMatchObject({
    code: 'refused',
    message: 'Refused to pay: the amount is not above zero.',
  })
  expect(asked).toEqual([])
})

test('after an abort nothing is signed', async () => {
  const { asked, account } = spyAccount()
  const wallet = evmSigner(account)
  const controller = new AbortController()
  const prepared = await wallet.prepare(terms, { ...context, signal: controller.signal })
  controller.abort(new Error('stopped'))
  await expect(prepared.sign()).rejects.toThrow('stopped')
  const { signal } = controller
  await expect(wallet.prepare(terms, { ...context, signal })).rejects.toThrow('stopped')
  expect(asked).toEqual([])
})

test('an owner who declines and a signer that fails are told apart', async () => {
  const declines = evmSigner(spyAccount(() => Promise.reject({ code: 4001 })).account)
  const fails = evmSigner(spyAccount(() => Promise.reject(new Error('unplugged'))).account)
  await expect((await declines.prepare(terms, context)).sign()).rejects.toMatchObject({
    code: 'user_rejected',
  })
  await expect(declines.signMessage('hello')).rejects.toMatchObject({ code: 'user_rejected' })
  await expect((await fails.prepare(terms, context)).sign()).rejects.toMatchObject({
    code: 'signer_failed',
  })
})

test('a signer that throws rather than rejects is reported in the same way', async () => {
  const { account } = spyAccount(() => {
    throw new Error('unplugged')
  })
  await expect(evmSigner(account).signMessage('hello')).rejects.toMatchObject({
    code: 'signer_failed',
  })
})

test('what comes back malformed is not sent', async () => {
  const wallet = evmSigner(spyAccount(async () => '0x1234').account)
  await expect((await wallet.prepare(terms, context)).sign()).rejects.toMatchObject({
    code: 'bad_signature',
  })
  await expect(wallet.signMessage('hello')).rejects.toMatchObject({ code: 'bad_signature' })
})

test('a wallet made of a wallet is the same wallet', () => {
  const wallet = evmSigner(spyAccount().account)
  expect(evmSigner(wallet)).toBe(wallet)
})

test('an address in any case becomes EIP-55', () => {
  const { account } = spyAccount()
  expect(evmSigner({ ...account, address: ADDRESS.toLowerCase() }).address).toBe(ADDRESS)
})

test.each([
  ['nothing', undefined],
  ['null', null],
  ['a key', `0x${'1'.repeat(64)}`],
  ['an address', { address: ADDRESS }],
  ['a client without an account', { ...spyAccount().account, address: undefined }],
  ['a wallet of another chain', { namespace: 'solana', prepare() {}, fate() {} }],
])('%s is no signer, and the error says what is', (_, value) => {
  const make = () => Reflect.apply(evmSigner, undefined, [value])
  expect(make).toThrow(expect.objectContaining({ code: 'unsupported_signer' }))
  expect(make).toThrow(/viem account/)
})

test('an account with a malformed address is refused at once', () => {
  const { account } = spyAccount()
  expect(() => evmSigner({ ...account, address: '0x12' })).toThrow(
    expect.objectContaining({ code: 'invalid_address' }),
  )
})

const texts = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)

test('a wallet shows nothing of its signer', async () => {
  const wallet = evmSigner(spyAccount().account)
  const prepared = await wallet.prepare(terms, context)
  for (const value of [wallet, prepared]) {
    expect(inspect(value, { depth: 20, showHidden: true })).not.toContain('canary')
    expect(JSON.stringify(value, texts)).not.toContain('canary')
  }
})
