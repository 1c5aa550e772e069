import { signBytes } from '@solana/kit'
import { decodePaymentRequiredHeader } from '@x402/core/http'
import type { SIWxExtension, SIWxExtensionInfo } from '@x402/extensions/sign-in-with-x'
import {
  createSIWxPayload,
  encodeSIWxHeader,
  parseSIWxHeader,
  wrapFetchWithSIWx,
} from '@x402/extensions/sign-in-with-x'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import type { MockGateway } from '../createMockGateway'
import type { MockGatewayOptions } from '../options'
import { chat, decoded, withHeaders } from '../testing/chat'
import { BASE, evmPayer, solanaPayer } from '../testing/officialClients'
import { postSignIn, signInMessage } from '../testing/signIn'
import { startGateway } from '../testing/startGateway'

const OPTIONS = { signIn: 'off', siwx: { extension: 'on', nonce: 'server' } } as const
const completions = (gateway: MockGateway) => `${gateway.url}/v1/chat/completions`

/** What a refusal offers to be signed. */
function offerIn(refusal: Response): SIWxExtensionInfo {
  const { extensions } = decodePaymentRequiredHeader(refusal.headers.get('PAYMENT-REQUIRED') ?? '')
  const [offer] = Object.values(extensions ?? {}) as [SIWxExtension]
  return offer.info
}

/** A proof that the official package makes of what a 402 offers, with fields changed. */
async function officialProof(
  gateway: MockGateway,
  changes: Readonly<Record<string, unknown>> = {},
) {
  const account = privateKeyToAccount(generatePrivateKey())
  const refusal = await fetch(completions(gateway), chat('hello'))
  const offered = { ...offerIn(refusal), chainId: BASE, type: 'eip191' as const, ...changes }
  const { origin } = new URL(offered.uri)
  const payload = await createSIWxPayload(offered, account, origin)
  return { account, header: encodeSIWxHeader(payload) }
}

const present = (gateway: MockGateway, header: string) =>
  fetch(completions(gateway), withHeaders(chat('hello'), { 'sign-in-with-x': header }))

test('the official client spends credit with proofs alone', async () => {
  const gateway = await startGateway(OPTIONS)
  const { account, pay } = evmPayer()
  await pay(completions(gateway), chat('pay'))
  const signIn = wrapFetchWithSIWx(fetch, account)
  for (let calls = 0; calls < 2; calls++) {
    expect((await signIn(completions(gateway), chat('spend'))).status).toBe(200)
  }
  expect(gateway.state.counts()).toMatchObject({ payments: 1, signIns: 2 })
  expect(gateway.state.signIns.map(({ by }) => by)).toEqual(['request', 'request'])
})

test('the official client spends credit of a Solana wallet', async () => {
  const gateway = await startGateway({
    ...OPTIONS,
    networks: ['solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'],
  })
  const { account, pay } = await solanaPayer(gateway)
  await pay(completions(gateway), chat('pay'))
  const signer = {
    publicKey: account.address,
    signMessage: (message: Uint8Array) => signBytes(account.keyPair.privateKey, message),
  }
  const response = await wrapFetchWithSIWx(fetch, signer)(completions(gateway), chat('spend'))
  expect(response.status).toBe(200)
})

test('a wallet that signs in without ever having paid is asked to pay', async () => {
  const gateway = await startGateway(OPTIONS)
  const { header } = await officialProof(gateway)
  const response = await present(gateway, header)
  expect(response.status).toBe(402)
  expect(decoded(response, 'PAYMENT-REQUIRED')).toMatchObject({ error: 'insufficient credits' })
})

test.each<[string, MockGatewayOptions['siwx'], number]>([
  ['rejected', {}, 401],
  ['accepted', { replay: 'accept' }, 402],
])('a proof that is replayed is %s', async (_, siwx, status) => {
  const gateway = await startGateway({ ...OPTIONS, siwx: { ...OPTIONS.siwx, ...siwx } })
  const { header } = await officialProof(gateway)
  await present(gateway, header)
  expect((await present(gateway, header)).status).toBe(status)
})

const ago = (milliseconds: number) => new Date(Date.now() - milliseconds).toISOString()

test.each<[string, Readonly<Record<string, unknown>>, string]>([
  ['for another domain', { domain: 'evil.example', uri: 'https://evil.example/' }, 'another URI'],
  ['with a nonce of its own', { nonce: 'ffffffffffffffff' }, 'nonce is not one of ours'],
  ['issued long ago', { issuedAt: ago(301_000) }, 'not issued within five minutes'],
  ['that has ended', { expirationTime: ago(1_000) }, 'has expired'],
  ['on a chain not accepted', { chainId: 'eip155:1' }, 'chain that is not accepted'],
])('a proof %s is refused', async (_, changes, reason) => {
  const gateway = await startGateway(OPTIONS)
  const { header } = await officialProof(gateway, changes)
  const response = await present(gateway, header)
  expect(response.status).toBe(401)
  expect((await response.json()).error.message).toContain(reason)
})

test('a proof whose fields were changed after signing is refused', async () => {
  const gateway = await startGateway(OPTIONS)
  const { header } = await officialProof(gateway)
  const payload = parseSIWxHeader(header)
  for (const [change, status] of [
    [{ statement: 'I agree' }, 401],
    [{ address: '0x1111111111111111111111111111111111111111' }, 401],
    [{ statement: 'a\nNonce: b' }, 400],
    [{ type: 'ed25519' }, 400],
    [{ resources: [7] }, 400],
  ] as const) {
    const forged = Buffer.from(JSON.stringify({ ...payload, ...change })).toString('base64')
    expect((await present(gateway, forged)).status).toBe(status)
  }
})

test('with expiry required a message without an end, or with a late one, is refused', async () => {
  const gateway = await startGateway({ siwx: { expiry: 'required' } })
  const account = privateKeyToAccount(generatePrivateKey())
  for (const [end, status] of [
    ['', 401],
    [`\nExpiration Time: ${ago(-600_000)}`, 401],
    [`\nExpiration Time: ${ago(-290_000)}`, 200],
  ] as const) {
    const message = signInMessage(gateway, account.address, { more: end })
    const response = await postSignIn(gateway, message, await account.signMessage({ message }))
    expect(response.status).toBe(status)
  }
})

test('with server nonces a refused sign-in comes with one that works', async () => {
  const gateway = await startGateway({ siwx: { nonce: 'server' } })
  const account = privateKeyToAccount(generatePrivateKey())
  const own = signInMessage(gateway, account.address)
  const refused = await postSignIn(gateway, own, await account.signMessage({ message: own }))
  expect(refused.status).toBe(401)
  const { nonce } = offerIn(refused)
  const message = signInMessage(gateway, account.address, { nonce })
  const response = await postSignIn(gateway, message, await account.signMessage({ message }))
  expect(response.status).toBe(200)
})

test('with the extension off nothing is offered, and a proof is no credential', async () => {
  const gateway = await startGateway()
  const response = await present(gateway, 'x')
  expect(response.status).toBe(402)
  expect(decoded(response, 'PAYMENT-REQUIRED')).not.toHaveProperty('extensions')
})
