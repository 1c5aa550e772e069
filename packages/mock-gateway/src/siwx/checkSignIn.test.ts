import { generateKeyPairSigner, getBase58Decoder, signBytes } from '@solana/kit'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { chat, decoded } from '../testing/chat'
import { evmPayer } from '../testing/officialClients'
import type { SignInFields } from '../testing/signIn'
import { postSignIn, postSignInHeader, signInMessage } from '../testing/signIn'
import { startGateway } from '../testing/startGateway'

const wallet = () => privateKeyToAccount(generatePrivateKey())

test('an EVM wallet signs in and gets a token for its tenant', async () => {
  const gateway = await startGateway()
  const account = wallet()
  const message = signInMessage(gateway, account.address)
  const response = await postSignIn(gateway, message, await account.signMessage({ message }))
  expect(response.status).toBe(200)
  const [tenant] = gateway.state.tenants
  expect(await response.json()).toEqual({
    jwt: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    tenant_id: tenant?.id,
    key_id: tenant?.keyId,
  })
  expect(gateway.state.signIns).toMatchObject([{ address: account.address, tenant: tenant?.id }])
})

test.each([
  ['base64', (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')],
  ['base64url', (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')],
  ['base58', (bytes: Uint8Array) => getBase58Decoder().decode(bytes)],
])('a Solana wallet signs in with its signature in %s', async (_, encode) => {
  const gateway = await startGateway()
  const signer = await generateKeyPairSigner()
  const message = signInMessage(gateway, signer.address)
  const bytes = await signBytes(signer.keyPair.privateKey, new TextEncoder().encode(message))
  const response = await postSignIn(gateway, message, encode(bytes))
  expect(response.status).toBe(200)
})

test('signing in gives access to credit that was paid for earlier', async () => {
  const gateway = await startGateway()
  const { account, pay } = evmPayer()
  await pay(`${gateway.url}/v1/chat/completions`, chat('pay'))
  const message = signInMessage(gateway, account.address)
  const signedIn = await postSignIn(gateway, message, await account.signMessage({ message }))
  const { jwt } = await signedIn.json()
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    ...chat('spend'),
    headers: { authorization: `Bearer ${jwt}` },
  })
  expect(response.status).toBe(200)
  expect(gateway.state.counts().payments).toBe(1)
})

test('a wallet that signs in without ever having paid is asked to pay', async () => {
  const gateway = await startGateway()
  const account = wallet()
  const message = signInMessage(gateway, account.address)
  const signedIn = await postSignIn(gateway, message, await account.signMessage({ message }))
  const { jwt } = await signedIn.json()
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    ...chat('spend'),
    headers: { authorization: `Bearer ${jwt}` },
  })
  expect(response.status).toBe(402)
  expect(decoded(response, 'PAYMENT-REQUIRED')).toMatchObject({ error: 'insufficient credits' })
})

test('a sign-in nonce works once, even twice at the same time', async () => {
  const gateway = await startGateway()
  const account = wallet()
  const message = signInMessage(gateway, account.address)
  const signature = await account.signMessage({ message })
  const both = await Promise.all([1, 2].map(() => postSignIn(gateway, message, signature)))
  expect(both.map(({ status }) => status).sort()).toEqual([200, 401])
  const third = await postSignIn(gateway, message, signature)
  expect(await third.json()).toEqual({
    error: { message: 'the sign-in nonce was used before', type: 'authentication_error' },
  })
})

const ago = (milliseconds: number) => new Date(Date.now() - milliseconds).toISOString()

test.each<[string, Partial<SignInFields>, string]>([
  ['another domain', { domain: 'evil.example' }, 'the sign-in is for another domain'],
  ['another URI', { uri: 'https://evil.example/v1/x402/auth' }, 'the sign-in is for another URI'],
  ['an unknown version', { version: '2' }, 'the sign-in has an unknown version'],
  ['a chain not accepted', { chainId: '1' }, 'the sign-in is for a chain that is not accepted'],
  [
    'a Solana chain for an EVM account',
    { chainId: '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp' },
    'the sign-in is for a chain that is not accepted',
  ],
  [
    'an old issue time',
    { issuedAt: ago(301_000) },
    'the sign-in was not issued within five minutes of now',
  ],
  [
    'a future issue time',
    { issuedAt: ago(-310_000) },
    'the sign-in was not issued within five minutes of now',
  ],
  ['a past expiration', { more: `\nExpiration Time: ${ago(1000)}` }, 'the sign-in has expired'],
  ['a future start', { more: `\nNot Before: ${ago(-60_000)}` }, 'the sign-in is not valid yet'],
  [
    'a broken checksum',
    { address: '0x52908400098527886E0F7030069857D2E4169Ee7' },
    'the sign-in address is not valid',
  ],
  [
    'the address of somebody else',
    { address: '0x1111111111111111111111111111111111111111' },
    'the sign-in signature is not valid',
  ],
])('a sign-in with %s is refused', async (_, changes, reason) => {
  const gateway = await startGateway()
  const account = wallet()
  const message = signInMessage(gateway, account.address, changes)
  const response = await postSignIn(gateway, message, await account.signMessage({ message }))
  expect(response.status).toBe(401)
  expect(await response.json()).toEqual({
    error: { message: reason, type: 'authentication_error' },
  })
})

test('a refused sign-in does not use up its nonce', async () => {
  const gateway = await startGateway()
  const account = wallet()
  const message = signInMessage(gateway, account.address)
  expect((await postSignIn(gateway, message, `0x${'11'.repeat(65)}`)).status).toBe(401)
  const response = await postSignIn(gateway, message, await account.signMessage({ message }))
  expect(response.status).toBe(200)
})

test.each<[string, (message: string) => string]>([
  ['with a line too many', (message) => `${message}\n`],
  ['with Windows line ends', (message) => message.replaceAll('\n', '\r\n')],
  [
    'with its fields in another order',
    (message) => message.replace(/(Version: 1)\n(Chain ID: 8453)/, '$2\n$1'),
  ],
  ['without a nonce', (message) => message.replace(/Nonce: .*\n/, '')],
  ['with a short nonce', (message) => message.replace(/Nonce: .*/, 'Nonce: abc')],
  [
    'with a time that is no time',
    (message) => message.replace(/Issued At: .*/, 'Issued At: today'),
  ],
  ['that is empty', () => ''],
])('a message %s is malformed', async (_, change) => {
  const gateway = await startGateway()
  const account = wallet()
  const message = change(signInMessage(gateway, account.address))
  const response = await postSignIn(gateway, message, await account.signMessage({ message }))
  expect(response.status).toBe(400)
  expect(await response.json()).toEqual({
    error: { message: 'the sign-in message is malformed', type: 'invalid_request_error' },
  })
})

test.each([
  ['not base64', '%%%'],
  ['not JSON', Buffer.from('hello').toString('base64')],
  ['not an object', Buffer.from('[]').toString('base64')],
  ['no message', Buffer.from('{"signature":"0x"}').toString('base64')],
])('a header that is %s is malformed', async (_, header) => {
  const gateway = await startGateway()
  expect((await postSignInHeader(gateway, header)).status).toBe(400)
})

test('a message without a statement and with Go times is read too', async () => {
  const gateway = await startGateway()
  const account = wallet()
  const message = signInMessage(gateway, account.address, {
    issuedAt: new Date().toISOString().replace(/\.\d+Z/, 'Z'),
  }).replace('Sign in to ARouter with your wallet\n', '')
  const response = await postSignIn(gateway, message, await account.signMessage({ message }))
  expect(response.status).toBe(200)
})

test('publicUrl is a host to sign in to', async () => {
  const gateway = await startGateway({ publicUrl: 'https://gateway.example' })
  const account = wallet()
  const message = signInMessage(gateway, account.address, { domain: 'gateway.example' })
  const response = await postSignIn(gateway, message, await account.signMessage({ message }))
  expect(response.status).toBe(200)
})

test('with sign-in off there is nothing at its path', async () => {
  const gateway = await startGateway({ signIn: 'off' })
  expect((await postSignInHeader(gateway, 'x')).status).toBe(404)
})
