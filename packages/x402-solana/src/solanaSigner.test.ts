import { inspect } from 'node:util'
import nacl from 'tweetnacl'
import { expect, test, vi } from 'vitest'
import { encode58 } from './base58'
import { startRpcDouble } from './rpcDouble'
import { solanaSigner } from './solanaSigner'
import type { PrepareContext, Terms } from './wallet'

const random58 = () => encode58(crypto.getRandomValues(new Uint8Array(32)))
const keypair = nacl.sign.keyPair()
const hint = random58()
const terms: Terms = {
  network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
  asset: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v',
  amount: 1_000_000n,
  payTo: random58(),
  extra: { feePayer: random58(), recentBlockhash: hint, lastValidBlockHeight: '1' },
}
const context: PrepareContext = { now: 1_800_000_000.9, validity: 60, rpc: [], fetch }
const own = random58()
const startChain = () =>
  startRpcDouble({
    getLatestBlockhash: () => ({
      context: { slot: 100 },
      value: { blockhash: own, lastValidBlockHeight: 250 },
    }),
  })

function spySigner(answer: () => Promise<readonly Record<string, Uint8Array>[]>) {
  let asked = 0
  const signTransactions = () => {
    asked++
    return answer()
  }
  return { address: encode58(keypair.publicKey), signTransactions, asked: () => asked }
}

test('nothing is signed until sign is called, and then once', async () => {
  const signer = spySigner(async () => [{}])
  const prepared = await solanaSigner(signer).prepare(terms, context)
  expect(signer.asked()).toBe(0)
  await expect(prepared.sign()).rejects.toMatchObject({ code: 'bad_signature' })
  expect(signer.asked()).toBe(1)
})

test('a blockhash of our own server is preferred, and its slot and height are kept as evidence', async () => {
  const server = await startChain()
  const wallet = solanaSigner(keypair)
  const prepared = await wallet.prepare(terms, { ...context, rpc: [server.url] })
  expect(prepared.expiresAt).toBe(1_800_000_150)
  expect(prepared.evidence).toEqual({
    network: terms.network,
    account: expect.any(String),
    memo: expect.stringMatching(/^[0-9a-f]{32}$/),
    preparedAt: '1800000000',
    blockhash: own,
    slot: '100',
    lastValidBlockHeight: '250',
  })
  const { evidence } = await prepared.sign()
  expect(evidence).toEqual({ ...prepared.evidence, signature: expect.any(String) })
})

test('the gateway’s blockhash is used without a server of ours, or when that fails, but never its height', async () => {
  const wallet = solanaSigner(keypair)
  for (const rpc of [[], ['http://127.0.0.1:1']]) {
    const { evidence } = await wallet.prepare(terms, { ...context, rpc })
    expect(evidence.blockhash).toBe(hint)
    expect(evidence).not.toHaveProperty('lastValidBlockHeight')
    expect(evidence).not.toHaveProperty('slot')
  }
})

test('without any blockhash the error says what to do', async () => {
  const wallet = solanaSigner(keypair)
  const bare = { ...terms, extra: { feePayer: terms.extra.feePayer } }
  await expect(wallet.prepare(bare, context)).rejects.toMatchObject({
    code: 'no_blockhash',
    message: expect.stringContaining('name an RPC server in `rpc`'),
  })
  const down = { ...context, rpc: ['http://127.0.0.1:1'] }
  await expect(wallet.prepare(bare, down)).rejects.toMatchObject({ code: 'rpc_failed' })
})

test('what was fetched ahead is not fetched again', async () => {
  const server = await startChain()
  const wallet = solanaSigner(keypair)
  const withServer = { ...context, rpc: [server.url] }
  await wallet.prefetch(terms.network, withServer)
  expect(server.calls).toHaveLength(1)
  await wallet.prepare(terms, withServer)
  expect(server.calls).toHaveLength(1)
})

test('fetching ahead never rejects, and asks nothing about a network it does not know', async () => {
  const server = await startChain()
  const wallet = solanaSigner(keypair)
  await wallet.prefetch('solana:unknown', { rpc: [server.url], fetch })
  expect(server.calls).toEqual([])
  await wallet.prefetch(terms.network, { rpc: ['http://127.0.0.1:1'], fetch })
  await wallet.prefetch(terms.network, { rpc: [server.url], fetch, signal: AbortSignal.abort() })
})

test('terms that are refused cannot be prepared', async () => {
  const wallet = solanaSigner(keypair)
  await expect(wallet.prepare({ ...terms, amount: 0n }, context)).rejects.toMatchObject({
    code: 'refused',
    message: 'Refused to pay: the amount is not above zero.',
  })
})

test('a fee payer that is one of the token accounts is refused', async () => {
  const wallet = solanaSigner(keypair)
  const { evidence } = await wallet.prepare(terms, context)
  const extra = { ...terms.extra, feePayer: evidence.account }
  await expect(wallet.prepare({ ...terms, extra }, context)).rejects.toMatchObject({
    code: 'refused',
  })
})

test('after an abort nothing is signed', async () => {
  const signer = spySigner(async () => [{}])
  const wallet = solanaSigner(signer)
  const controller = new AbortController()
  const { signal } = controller
  const prepared = await wallet.prepare(terms, { ...context, signal })
  controller.abort(new Error('stopped'))
  await expect(prepared.sign()).rejects.toThrow('stopped')
  await expect(wallet.prepare(terms, { ...context, signal })).rejects.toThrow('stopped')
  expect(signer.asked()).toBe(0)
})

test('an owner who declines and a signer that fails are told apart', async () => {
  const declines = solanaSigner(spySigner(() => Promise.reject({ code: 4001 })))
  const fails = solanaSigner(spySigner(() => Promise.reject(new Error('unplugged'))))
  await expect((await declines.prepare(terms, context)).sign()).rejects.toMatchObject({
    code: 'user_rejected',
  })
  await expect((await fails.prepare(terms, context)).sign()).rejects.toMatchObject({
    code: 'signer_failed',
  })
})

test('a signer that signs no messages can pay but says that it cannot sign in', async () => {
  const wallet = solanaSigner(spySigner(async () => [{}]))
  await expect(wallet.signMessage('hello')).rejects.toMatchObject({
    code: 'unsupported_signer',
    message: expect.stringContaining('sign in'),
  })
})

test('a message signature of the wrong length is not believed, whatever verifies it', async () => {
  const short = { ...spySigner(async () => [{}]), signMessages: async () => [{}] }
  const wallet = solanaSigner(short)
  await expect(wallet.signMessage('hello')).rejects.toMatchObject({ code: 'bad_signature' })
  const missing = vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(new Error('no Ed25519'))
  await expect(wallet.signMessage('hello')).rejects.toMatchObject({ code: 'bad_signature' })
  missing.mockRestore()
})

test('a wallet made of a wallet is the same wallet', () => {
  const wallet = solanaSigner(keypair)
  expect(solanaSigner(wallet)).toBe(wallet)
})

test('a caller who wipes the key after handing it over does not break the wallet', async () => {
  const secret = nacl.sign.keyPair().secretKey
  const wallet = solanaSigner(secret)
  secret.fill(0)
  await expect(wallet.signMessage('hello')).resolves.toHaveLength(88)
})

test.each([
  ['nothing', undefined],
  ['null', null],
  ['a number', 7],
  ['an empty text', ''],
  ['a text that is no base58', '0OIl'],
  ['a base58 seed of 32 bytes', random58()],
  ['a base58 text without end', 'z'.repeat(1_000_000)],
  ['a seed of 32 bytes', new Uint8Array(32)],
  ['65 bytes', new Uint8Array(65)],
  ['a list of numbers', [...keypair.secretKey]],
  ['a public key alone', { publicKey: keypair.publicKey }],
  ['halves of two key pairs', { ...nacl.sign.keyPair(), publicKey: keypair.publicKey }],
  ['an address', { address: encode58(keypair.publicKey) }],
  ['a wallet of another chain', { namespace: 'eip155', prepare() {}, fate() {} }],
])('%s is no signer, and the error does not repeat it', (_, value) => {
  const make = () => Reflect.apply(solanaSigner, undefined, [value])
  expect(make).toThrow(expect.objectContaining({ code: 'unsupported_signer' }))
  expect(make).toThrow(
    /^Not a Solana (?:signer\. Pass [^:]+ or a @solana\/kit signer|secret key: 64 bytes, [^:]+)\.$/,
  )
})

test('a signer with a malformed address is refused at once', () => {
  const signer = { ...spySigner(async () => [{}]), address: 'x' }
  expect(() => solanaSigner(signer)).toThrow(expect.objectContaining({ code: 'invalid_address' }))
})

const texts = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)

test('a wallet shows nothing of its key, and neither does its error', async () => {
  const wallet = solanaSigner(keypair)
  const prepared = await wallet.prepare(terms, context)
  const mixed = Uint8Array.from([
    ...keypair.secretKey.slice(0, 32),
    ...nacl.sign.keyPair().publicKey,
  ])
  const error = await solanaSigner(mixed)
    .signMessage('hello')
    .catch((reason: unknown) => reason)
  const seed = keypair.secretKey.slice(0, 32)
  const forms = [
    encode58(keypair.secretKey),
    encode58(seed),
    seed.join(),
    seed.join(', '),
    Buffer.from(seed).toString('hex'),
    Buffer.from(seed).toString('base64'),
  ]
  for (const value of [wallet, prepared, error]) {
    const shown =
      inspect(value, { depth: 20, showHidden: true, maxArrayLength: null }) +
      JSON.stringify(value, texts)
    for (const form of forms) expect(shown).not.toContain(form)
  }
})
