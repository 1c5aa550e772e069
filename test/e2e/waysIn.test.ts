import {
  ARouter,
  authenticateWithSIWx,
  memoryStore,
  withSIWxAuth,
  withX402EvmPayment,
  withX402Payment,
  withX402SolanaPayment,
} from '@arouter/sdk'
import { generateKeyPairSigner } from '@solana/kit'
import { Keypair } from '@solana/web3.js'
import { ExactEvmScheme } from '@x402/evm/exact/client'
import { wrapFetchWithPayment, x402Client } from '@x402/fetch'
import bs58 from 'bs58'
import nacl from 'tweetnacl'
import { createWalletClient, http } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { base, baseSepolia } from 'viem/chains'
import { expect, test } from 'vitest'
import { failure, HELLO, startGateway } from '../support/harness'

const store = () => memoryStore()

test('a viem WalletClient pays and signs in', async () => {
  const gateway = await startGateway()
  const wallet = createWalletClient({
    account: privateKeyToAccount(generatePrivateKey()),
    chain: base,
    transport: http('http://127.0.0.1:1'),
  })
  const client = withX402EvmPayment(new ARouter({ baseURL: gateway.url, apiKey: '' }), wallet)
  await client.chatCompletion(HELLO)
  expect(gateway.state.counts()).toMatchObject({ payments: 1, signIns: 1 })
})

const solanaKinds = {
  'a web3.js Keypair': () => Keypair.generate(),
  'a 64-byte secret': () => nacl.sign.keyPair().secretKey,
  'a base58 secret': () => bs58.encode(nacl.sign.keyPair().secretKey),
  'a tweetnacl key pair': () => nacl.sign.keyPair(),
  'a Kit signer': () => generateKeyPairSigner(),
}

test.each(Object.entries(solanaKinds))('%s pays and signs in on Solana', async (_, make) => {
  const gateway = await startGateway()
  const client = withX402SolanaPayment(
    new ARouter({ baseURL: gateway.url, apiKey: '' }),
    await make(),
  )
  await client.chatCompletion(HELLO)
  gateway.state.expireTokens()
  await client.chatCompletion(HELLO)
  const [payment] = gateway.state.payments
  expect(payment?.network).toBe('solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp')
  expect(gateway.state.counts()).toMatchObject({ payments: 1, signIns: 2 })
})

test('Solana pays over an RPC where the gateway gives no blockhash', async () => {
  const gateway = await startGateway({ blockhashHint: false })
  const client = new ARouter({ baseURL: gateway.url, apiKey: '' })
  const bare = withX402SolanaPayment(client, Keypair.generate(), undefined, { store: store() })
  expect(await failure(bare.chatCompletion(HELLO))).toMatchObject({
    code: 'wallet_failed',
    fundsMoved: 'no',
  })
  const network = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'
  const rpcUrl = gateway.rpc[network]
  if (!rpcUrl) throw new Error('no RPC')
  const paying = withX402Payment(client, {
    solana: { signer: Keypair.generate(), rpcUrl },
    store: store(),
  })
  await paying.chatCompletion(HELLO)
  expect(gateway.state.counts()).toMatchObject({ payments: 1, rpc: { getLatestBlockhash: 1 } })
})

test('with both chains the smaller offer decides, and the wallet that paid is the session', async () => {
  const gateway = await startGateway()
  const evm = privateKeyToAccount(generatePrivateKey())
  const solana = Keypair.generate()
  const client = withX402Payment(new ARouter({ baseURL: gateway.url, apiKey: '' }), {
    evm: { signer: evm },
    solana: { signer: solana },
    networks: ['eip155:8453', 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'],
    store: store(),
  })
  await client.chatCompletion(HELLO)
  expect(gateway.state.payments).toMatchObject([{ network: 'eip155:8453', payer: evm.address }])
  gateway.state.expireTokens()
  await client.chatCompletion(HELLO)
  expect(gateway.state.signIns.map(({ address }) => address)).toEqual([evm.address, evm.address])
})

test('with both chains and EVM not allowed, Solana pays and its session is used', async () => {
  const gateway = await startGateway()
  const solana = Keypair.generate()
  const client = withX402Payment(new ARouter({ baseURL: gateway.url, apiKey: '' }), {
    evm: { signer: privateKeyToAccount(generatePrivateKey()) },
    solana: { signer: solana },
    networks: ['solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'],
    store: store(),
  })
  await client.chatCompletion(HELLO)
  await client.chatCompletion(HELLO)
  gateway.state.expireTokens()
  await client.chatCompletion(HELLO)
  expect(gateway.state.payments).toMatchObject([{ payer: solana.publicKey.toBase58() }])
  expect(gateway.state.signIns.at(-1)?.address).toBe(solana.publicKey.toBase58())
})

test('testnets pay when named, with their own domain', async () => {
  const gateway = await startGateway({
    networks: ['eip155:84532', 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1'],
  })
  const client = new ARouter({ baseURL: gateway.url, apiKey: '' })
  const signer = privateKeyToAccount(generatePrivateKey())
  const byDefault = withX402EvmPayment(client, signer, { store: store(), signIn: 'never' })
  expect(await failure(byDefault.chatCompletion(HELLO))).toMatchObject({
    code: 'no_acceptable_offer',
  })
  const named = withX402EvmPayment(client, signer, { store: store(), networks: ['eip155:84532'] })
  await named.chatCompletion(HELLO)
  const devnet = withX402SolanaPayment(client, Keypair.generate(), undefined, {
    store: store(),
    networks: ['solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1'],
  })
  await devnet.chatCompletion(HELLO)
  expect(gateway.state.payments.map(({ network }) => network)).toEqual([
    'eip155:84532',
    'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
  ])
})

test('signing in gives a token that works as apiKey', async () => {
  const gateway = await startGateway()
  const account = privateKeyToAccount(generatePrivateKey())
  gateway.state.setCredit(account.address, '$1')
  const { jwt, tenantId, keyId } = await authenticateWithSIWx(gateway.url, {
    address: account.address,
    signMessage: (message) => account.signMessage({ message }),
  })
  expect([tenantId, keyId]).toEqual([expect.stringMatching(/./), expect.stringMatching(/./)])
  await new ARouter({ baseURL: gateway.url, apiKey: jwt }).chatCompletion(HELLO)
  expect(gateway.state.counts()).toMatchObject({ payments: 0, signIns: 1 })
})

test('an address in lower case is signed in with its EIP-55 form', async () => {
  const gateway = await startGateway()
  const account = privateKeyToAccount(generatePrivateKey())
  await authenticateWithSIWx(gateway.url, {
    address: account.address.toLowerCase(),
    signMessage: (message) => account.signMessage({ message }),
  })
  expect(gateway.state.signIns[0]?.address).toBe(account.address)
})

test('a test chain id is signed in for when named', async () => {
  const gateway = await startGateway({ networks: ['eip155:84532'] })
  const account = privateKeyToAccount(generatePrivateKey())
  await authenticateWithSIWx(gateway.url, account, {
    chainId: baseSepolia.id,
    statement: 'Hello there',
  })
  expect(gateway.state.counts().signIns).toBe(1)
})

test.each(['base64', 'base58'] as const)('a Solana wallet signs in with %s', async (encoding) => {
  const gateway = await startGateway()
  const { publicKey, secretKey } = Keypair.generate()
  await authenticateWithSIWx(gateway.url, {
    address: publicKey.toBase58(),
    signMessage: async (message) => {
      const signature = nacl.sign.detached(new TextEncoder().encode(message), secretKey)
      return encoding === 'base58'
        ? bs58.encode(signature)
        : Buffer.from(signature).toString('base64')
    },
  })
  expect(gateway.state.signIns[0]?.address).toBe(publicKey.toBase58())
})

test('a client with sign-in only signs in again on 401 and never pays', async () => {
  const gateway = await startGateway()
  const account = privateKeyToAccount(generatePrivateKey())
  gateway.state.setCredit(account.address, '$1')
  const client = await withSIWxAuth(new ARouter({ baseURL: gateway.url }), account, {
    store: store(),
  })
  await client.chatCompletion(HELLO)
  gateway.state.expireTokens()
  await client.chatCompletion(HELLO)
  gateway.state.setCredit(account.address, 0n)
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
    code: 'insufficient_credits',
  })
  expect(gateway.state.counts()).toMatchObject({ payments: 0, signIns: 2 })
})

test('an API key is used as it is: it never signs in and never pays', async () => {
  const gateway = await startGateway({
    apiKeys: { rich: { balance: '$1' }, poor: { balance: 0n } },
  })
  await new ARouter({ baseURL: gateway.url, apiKey: 'rich' }).chatCompletion(HELLO)
  const poor = new ARouter({ baseURL: gateway.url, apiKey: 'poor' })
  expect(await failure(poor.chatCompletion(HELLO))).toMatchObject({
    code: 'quota_exceeded',
    statusCode: 403,
  })
  const wrong = new ARouter({ baseURL: gateway.url, apiKey: 'wrong' })
  expect(await failure(wrong.chatCompletion(HELLO))).toMatchObject({ code: 'authentication_error' })
  const bare = new ARouter({ baseURL: gateway.url, apiKey: '' })
  expect(await failure(bare.chatCompletion(HELLO))).toMatchObject({
    code: 'insufficient_credits',
    paymentRequired: expect.stringMatching(/^eyJ/),
  })
  expect(gateway.state.counts()).toMatchObject({ payments: 0, signIns: 0 })
})

test('a wallet and an API key on one client is an error, not a guess', () => {
  const client = new ARouter({ apiKey: 'key' })
  const signer = privateKeyToAccount(generatePrivateKey())
  expect(() => withX402EvmPayment(client, signer)).toThrow(/never pays/)
})

test('the client a wallet is given to stays as it was', async () => {
  const gateway = await startGateway()
  const client = new ARouter({ baseURL: gateway.url, apiKey: '' })
  withX402EvmPayment(client, privateKeyToAccount(generatePrivateKey()))
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
    code: 'insufficient_credits',
  })
})

test('a clone for another origin takes neither key nor wallet along', async () => {
  const gateway = await startGateway()
  const other = await startGateway()
  const client = withX402EvmPayment(
    new ARouter({ baseURL: gateway.url, apiKey: '' }),
    privateKeyToAccount(generatePrivateKey()),
  )
  await client.chatCompletion(HELLO)
  await client.cloneWith({ timeout: 5_000 }).chatCompletion(HELLO)
  expect(gateway.state.counts().payments).toBe(1)
  const moved = client.cloneWith({ baseURL: other.url })
  expect(await failure(moved.chatCompletion(HELLO))).toMatchObject({ code: 'insufficient_credits' })
  const keyed = new ARouter({ baseURL: gateway.url, apiKey: 'secret-key' }).cloneWith({
    baseURL: other.url,
  })
  await failure(keyed.chatCompletion(HELLO))
  expect(other.state.requests.map(({ credentials }) => credentials)).toEqual([{}, {}])
})

test('the official x402 client pays the gateway directly', async () => {
  const gateway = await startGateway()
  const signer = privateKeyToAccount(generatePrivateKey())
  const official = wrapFetchWithPayment(
    fetch,
    new x402Client().register('eip155:8453', new ExactEvmScheme(signer)),
  )
  const response = await official(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(HELLO),
  })
  expect(response.status).toBe(200)
  expect(gateway.state.counts().payments).toBe(1)
})
