import { type EIP1193Provider, toHex, type WalletClient } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
// @boundaries-ignore a test may use what all tests share
import { eip1193Double, providerError } from '../../../test/support/eip1193Double'
import type { Eip1193Provider } from './eip1193'
import { eip1193Signer, type WalletChange } from './eip1193Signer'
import { verify } from './verify'
import type { PrepareContext, Terms } from './wallet'

const terms: Terms = {
  network: 'eip155:8453',
  asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
  amount: 1_000_000n,
  payTo: '0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359',
  extra: {},
}
const context: PrepareContext = { now: 1_800_000_000, validity: 60, rpc: [], fetch }
const newKey = () => privateKeyToAccount(generatePrivateKey())

async function pay(provider: Eip1193Provider, signal?: AbortSignal) {
  const wallet = await eip1193Signer(provider)
  const prepared = await wallet.prepare(terms, { ...context, signal })
  return prepared.sign()
}

test('a connected wallet is used without a window, and pays with one', async () => {
  const double = eip1193Double()
  const wallet = await eip1193Signer(double.provider)
  expect(wallet).toMatchObject({ address: double.keys[0]?.address, interactive: true })
  expect(double.windows).toEqual([])
  await pay(double.provider)
  expect(double.windows).toEqual(['eth_signTypedData_v4'])
})

test('a wallet that is not connected is asked to, once', async () => {
  const double = eip1193Double({ connected: false })
  await pay(double.provider)
  expect(double.windows).toEqual(['eth_requestAccounts', 'eth_signTypedData_v4'])
})

test('a wallet that must not be asked opens no window', async () => {
  const double = eip1193Double({ connected: false })
  await expect(eip1193Signer(double.provider, { connect: 'never' })).rejects.toMatchObject({
    code: 'wallet_locked',
  })
  expect(double.windows).toEqual([])
})

test('a wallet that was locked meanwhile is asked to unlock, since the payment needs it', async () => {
  const double = eip1193Double()
  const wallet = await eip1193Signer(double.provider)
  double.lock()
  await (await wallet.prepare(terms, context)).sign()
  expect(double.windows).toEqual(['eth_requestAccounts', 'eth_signTypedData_v4'])
})

test('the account named is used, in any case; one the wallet does not show is an error', async () => {
  const [first, second, other] = [newKey(), newKey(), newKey()]
  const double = eip1193Double({ accounts: [first, second] })
  const lower = second.address.toLowerCase()
  const wallet = await eip1193Signer(double.provider, { address: lower })
  expect(wallet.address).toBe(second.address)
  await expect(eip1193Signer(double.provider, { address: other.address })).rejects.toMatchObject({
    code: 'account_changed',
  })
})

test('a wallet on another chain that signs all the same is not asked to switch', async () => {
  const double = eip1193Double({ chainId: 1, minds: 'nothing' })
  await pay(double.provider)
  expect(double.windows).toEqual(['eth_signTypedData_v4'])
})

test('a wallet that signs for its own chain only is switched first', async () => {
  const double = eip1193Double({ chainId: 1 })
  await pay(double.provider)
  expect(double.windows).toEqual(['wallet_switchEthereumChain', 'eth_signTypedData_v4'])
})

test('a chain the wallet does not know is added to it', async () => {
  const double = eip1193Double({ chainId: 1, knownChains: [1] })
  await pay(double.provider)
  expect(double.windows).toEqual(['wallet_addEthereumChain', 'eth_signTypedData_v4'])
  expect(double.calls.find(({ method }) => method === 'wallet_addEthereumChain')?.params).toEqual([
    {
      chainId: '0x2105',
      chainName: 'Base',
      nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
      rpcUrls: ['https://mainnet.base.org'],
    },
  ])
})

test('a message needs no chain', async () => {
  const double = eip1193Double({ chainId: 1 })
  const wallet = await eip1193Signer(double.provider)
  const message = 'hello\n\nChain ID: 8453\n'
  expect(await wallet.signMessage(message)).toBe(await double.keys[0]?.signMessage({ message }))
  expect(double.windows).toEqual(['personal_sign'])
})

test.each([
  [4001, 'user_rejected'],
  [4100, 'unauthorized'],
  [4900, 'disconnected'],
  [-32002, 'request_pending'],
  [-32603, 'signer_failed'],
])('the wallet’s code %i becomes the error %s, and keeps its code', async (walletCode, code) => {
  const cause = providerError(walletCode, 'no')
  const double = eip1193Double({
    onWindow: () => {
      throw cause
    },
  })
  await expect(pay(double.provider)).rejects.toMatchObject({ code, walletCode, cause })
  expect(double.windows).toEqual(['eth_signTypedData_v4'])
})

test('a wallet that knows no chain but its own is an error with the code 4902', async () => {
  const double = eip1193Double({
    chainId: 1,
    knownChains: [1],
    onWindow: () => {
      throw providerError(4902, 'no')
    },
  })
  await expect(pay(double.provider)).rejects.toMatchObject({
    code: 'unknown_chain',
    walletCode: 4902,
  })
  expect(double.windows).toEqual(['wallet_addEthereumChain'])
})

test('an owner who declines to switch or to connect is asked nothing more', async () => {
  const declines = () => {
    throw providerError(4001, 'no')
  }
  const elsewhere = eip1193Double({ chainId: 1, onWindow: declines })
  await expect(pay(elsewhere.provider)).rejects.toMatchObject({ code: 'user_rejected' })
  expect(elsewhere.windows).toEqual(['wallet_switchEthereumChain'])
  const apart = eip1193Double({ connected: false, onWindow: declines })
  await expect(pay(apart.provider)).rejects.toMatchObject({ code: 'user_rejected' })
  expect(apart.windows).toEqual(['eth_requestAccounts'])
})

test('a wallet that says it switched and did not is an error', async () => {
  const double = eip1193Double({ chainId: 1 })
  const provider: Eip1193Provider = {
    request: async (request) =>
      request.method === 'wallet_switchEthereumChain' ? null : double.provider.request(request),
  }
  await expect(pay(provider)).rejects.toMatchObject({ code: 'wrong_chain' })
})

test('an account that is gone before the window opens opens none', async () => {
  const double = eip1193Double({ accounts: [newKey(), newKey()] })
  const wallet = await eip1193Signer(double.provider)
  const prepared = await wallet.prepare(terms, context)
  double.select(newKey())
  await expect(prepared.sign()).rejects.toMatchObject({ code: 'account_changed' })
  expect(double.windows).toEqual([])
})

test('an account that goes away while the window is open gives no payment', async () => {
  const [first, second] = [newKey(), newKey()]
  const double = eip1193Double({
    accounts: [first],
    onWindow: () => double.select(second),
  })
  await expect(pay(double.provider)).rejects.toMatchObject({ code: 'account_changed' })
})

test('an account that another one takes the place of gives no payment, and no sign-in', async () => {
  const [first, second] = [newKey(), newKey()]
  const double = eip1193Double({
    accounts: [first, second],
    onWindow: () => double.select(second, first),
    signsWith: () => second,
  })
  await expect(pay(double.provider)).rejects.toMatchObject({ code: 'account_changed' })
  double.select(first, second)
  const wallet = await eip1193Signer(double.provider)
  await expect(wallet.signMessage('hello')).rejects.toMatchObject({ code: 'account_changed' })
})

test('with verify, a wallet that signs with another account without saying so is noticed', async () => {
  const [first, second] = [newKey(), newKey()]
  const double = eip1193Double({ accounts: [first], signsWith: () => second })
  const wallet = await eip1193Signer(double.provider, { verify })
  const prepared = await wallet.prepare(terms, context)
  await expect(prepared.sign()).rejects.toMatchObject({ code: 'bad_signature' })
})

test.each([66, 67, 96, 640, 4096])(
  'a contract’s signature of %i bytes passes whole',
  async (length) => {
    const signature = toHex(crypto.getRandomValues(new Uint8Array(length)))
    const key = { ...newKey(), signTypedData: async () => signature }
    const double = eip1193Double({ accounts: [key] })
    expect((await pay(double.provider)).payload.signature).toBe(signature)
  },
)

test('a contract’s signature made on another chain is asked for again on the right one', async () => {
  const made: number[] = []
  const key = {
    ...newKey(),
    signTypedData: async () => `0x${'ab'.repeat(64 + made.push(0) * 32)}` as const,
  }
  const double = eip1193Double({ accounts: [key], chainId: 1, minds: 'nothing' })
  const { payload } = await pay(double.provider)
  expect(payload.signature).toHaveLength(2 + 2 * 128)
  expect(double.windows).toEqual([
    'eth_signTypedData_v4',
    'wallet_switchEthereumChain',
    'eth_signTypedData_v4',
  ])
})

test('after an abort no window opens', async () => {
  for (const chainId of [1, 8453]) {
    const double = eip1193Double({ chainId })
    const controller = new AbortController()
    const wallet = await eip1193Signer(double.provider)
    const prepared = await wallet.prepare(terms, { ...context, signal: controller.signal })
    const signing = prepared.sign()
    controller.abort(new Error('stopped'))
    await expect(signing).rejects.toThrow('stopped')
    await expect(wallet.signMessage('hello', controller.signal)).rejects.toThrow('stopped')
    expect(double.windows).toEqual([])
  }
})

test('an abort between two windows leaves the second closed', async () => {
  const controller = new AbortController()
  const double = eip1193Double({
    chainId: 1,
    onWindow: () => controller.abort(new Error('stopped')),
  })
  await expect(pay(double.provider, controller.signal)).rejects.toThrow('stopped')
  expect(double.windows).toEqual(['wallet_switchEthereumChain'])
})

test('on another chain too, an owner who declines to sign is asked nothing more', async () => {
  const double = eip1193Double({
    chainId: 1,
    minds: 'nothing',
    onWindow: () => {
      throw providerError(4001, 'no')
    },
  })
  await expect(pay(double.provider)).rejects.toMatchObject({ code: 'user_rejected' })
  expect(double.windows).toEqual(['eth_signTypedData_v4'])
})

test('an abort while a wallet on another chain signs does not have it switched', async () => {
  const controller = new AbortController()
  const double = eip1193Double({
    chainId: 1,
    minds: 'nothing',
    onWindow: () => controller.abort(new Error('stopped')),
  })
  await expect(pay(double.provider, controller.signal)).rejects.toThrow('stopped')
  expect(double.windows).toEqual(['eth_signTypedData_v4'])
})

test('accounts and chain are told to whoever watches, until they stop', async () => {
  const [first, second] = [newKey(), newKey()]
  const double = eip1193Double({ accounts: [first] })
  const wallet = await eip1193Signer(double.provider)
  const changes: WalletChange[] = []
  const stop = wallet.watch((change) => changes.push(change))
  double.select(second)
  double.moveTo(1)
  double.lock()
  stop()
  double.moveTo(8453)
  expect(changes).toEqual([
    { accounts: [second.address] },
    { network: 'eip155:1' },
    { accounts: [] },
  ])
  expect(double.listening()).toBe(0)
})

test.each([[undefined], [null], [{}], [{ request: 'x' }]])('%j is no provider', async (value) => {
  const made = Reflect.apply(eip1193Signer, undefined, [value])
  await expect(made).rejects.toMatchObject({ code: 'unsupported_signer' })
})

test.each([
  ['eth_accounts', 'nonsense'],
  ['eth_accounts', [1]],
  ['eth_chainId', 8453],
  ['eth_chainId', '0x'],
  ['eth_signTypedData_v4', '0x1234'],
  ['eth_signTypedData_v4', null],
])('a wallet that answers %s with %j gives no payment', async (method, answer) => {
  const double = eip1193Double()
  const provider: Eip1193Provider = {
    request: async (request) =>
      request.method === method ? answer : double.provider.request(request),
  }
  const code = expect.stringMatching(/^(signer_failed|bad_signature)$/)
  await expect(pay(provider)).rejects.toMatchObject({ name: 'WalletError', code })
})

test('the types of viem’s providers and clients fit', () => {
  const take = (provider: EIP1193Provider | WalletClient): Eip1193Provider => provider
  expect(take).toBeTypeOf('function')
})
