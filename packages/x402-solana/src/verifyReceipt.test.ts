import { expect, test } from 'vitest'
import { networks } from './networks'
import { type Methods, startRpcDouble } from './rpcDouble'
import { tokenAccount } from './tokenAccount'
import { type PaymentClaim, verifyReceipt } from './verifyReceipt'

const NETWORK = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'
const MINT = networks[NETWORK]?.address ?? ''
const OTHER_MINT = '4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU'
const FROM = 'GgBaCs3NCBuZN12kCJgAW63ydqohFkHEdfdEXBPzLHq'
const TO = 'LbUiWL3xVV8hTFYBVdbTNrpDo41NKS6o3LHHuDzjfcY'
const ID = `5${'V'.repeat(87)}`
const claim: PaymentClaim = {
  network: NETWORK,
  address: FROM,
  payTo: TO,
  amount: 1_000_000n,
  transaction: ID,
  evidence: { network: NETWORK, signature: 'ours' },
}

type Side = readonly { readonly accountIndex: number; readonly mint: string }[]
const held = (accountIndex: number, amount: bigint, mint = MINT) => ({
  accountIndex,
  mint,
  uiTokenAmount: { amount: amount.toString(), decimals: 6 },
})

const accountKeys = ['feePayer', await tokenAccount(FROM, MINT), await tokenAccount(TO, MINT)]
const PRE: Side = [held(1, 5_000_000n), held(2, 10n)]
const POST: Side = [held(1, 4_000_000n), held(2, 1_000_010n)]

function landed(change: {
  readonly pre?: unknown
  readonly post?: unknown
  readonly err?: unknown
  readonly signatures?: unknown
  readonly keys?: unknown
  readonly loaded?: unknown
}) {
  const { pre = PRE, post = POST, err = null, signatures = [ID, 'ours'] } = change
  return {
    meta: {
      err,
      preTokenBalances: pre,
      postTokenBalances: post,
      loadedAddresses: change.loaded,
    },
    transaction: { signatures, message: { accountKeys: change.keys ?? accountKeys } },
  }
}

const chain = (finalized: unknown, confirmed: unknown = finalized): Methods => ({
  getGenesisHash: () => '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d',
  getTransaction: ([, options]) =>
    Reflect.get(Object(options), 'commitment') === 'finalized' ? finalized : confirmed,
})

async function check(chains: readonly (Methods | string)[], change: Partial<PaymentClaim> = {}) {
  const servers = await Promise.all(chains.map((methods) => startRpcDouble(methods)))
  return verifyReceipt({ ...claim, ...change }, { rpc: servers.map(({ url }) => url), fetch })
}

test('a payment in a finalized slot is confirmed', async () => {
  expect(await check([chain(landed({}))])).toEqual({ status: 'confirmed', reasons: [] })
})

test('a payee whose account was made by the transaction had nothing before', async () => {
  const post = [held(1, 4_000_000n), held(2, 1_000_000n)]
  expect((await check([chain(landed({ pre: [held(1, 5_000_000n)], post }))])).status).toBe(
    'confirmed',
  )
})

test('accounts of lookup tables are counted behind the others', async () => {
  const [feePayer, source, destination] = accountKeys
  const loaded = { writable: [destination], readonly: [] }
  const one = landed({ keys: [feePayer, source], loaded })
  expect((await check([chain(one)])).status).toBe('confirmed')
})

const NOT_TAKEN = 'the transaction did not take that amount of USDC from that payer'
const NOT_GIVEN = 'the transaction did not give that amount of USDC to that payee'
const NOT_OURS = 'the transaction does not bear the signature of this payment'

test.each<[string, Parameters<typeof landed>[0], readonly string[]]>([
  ['failed', { err: { InstructionError: [2, { Custom: 1 }] } }, ['the transaction failed']],
  ['moved nothing', { post: PRE }, [NOT_TAKEN, NOT_GIVEN]],
  ['touched no account of theirs', { pre: [], post: [] }, [NOT_TAKEN, NOT_GIVEN]],
  ['gave to somebody else', { post: [held(1, 4_000_000n), held(2, 10n)] }, [NOT_GIVEN]],
  ['took from somebody else', { post: [held(1, 5_000_000n), held(2, 1_000_010n)] }, [NOT_TAKEN]],
  ['moved less', { post: [held(1, 4_000_001n), held(2, 1_000_009n)] }, [NOT_TAKEN, NOT_GIVEN]],
  [
    'moved another token',
    {
      pre: [held(1, 5_000_000n, OTHER_MINT), held(2, 10n, OTHER_MINT)],
      post: [held(1, 4_000_000n, OTHER_MINT), held(2, 1_000_010n, OTHER_MINT)],
    },
    [NOT_TAKEN, NOT_GIVEN],
  ],
  ['is another payment alike', { signatures: [ID, 'theirs'] }, [NOT_OURS]],
])('a claim is contradicted by a transaction that %s', async (_, change, reasons) => {
  expect(await check([chain(landed(change))])).toEqual({ status: 'contradicted', reasons })
  // As long as its slot is not finalized, that is no verdict.
  expect(await check([chain(null, landed(change))])).toEqual({
    status: 'pending',
    reasons: [...reasons, 'its slot is not finalized yet'],
  })
})

test('without evidence another payment alike will do', async () => {
  const alike = chain(landed({ signatures: [ID, 'theirs'] }))
  expect((await check([alike], { evidence: undefined })).status).toBe('confirmed')
})

test('a payment is pending until its slot is finalized', async () => {
  expect(await check([chain(null, landed({}))])).toEqual({
    status: 'pending',
    reasons: ['its slot is not finalized yet'],
  })
})

const NO_ANSWER = 'an RPC server gave no usable answer'
test.each<[string, Methods | string, string]>([
  [
    'is of another chain',
    { ...chain(landed({})), getGenesisHash: () => 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG' },
    'an RPC server is of another chain',
  ],
  ['does not know it', chain(null), 'an RPC server does not know the transaction'],
  ['answers HTML', '<html>', NO_ANSWER],
  ['answers a scalar', '7', NO_ANSWER],
  ['answers too much', `{"result":"${'a'.repeat(2_097_153)}"}`, NO_ANSWER],
  ['answers a transaction that is text', chain('landed'), NO_ANSWER],
  ['answers another transaction', chain(landed({ signatures: ['other', 'ours'] })), NO_ANSWER],
  ['answers no signatures', chain(landed({ signatures: 'ours' })), NO_ANSWER],
  ['does not say whether it failed', chain({ ...landed({}), meta: {} }), NO_ANSWER],
  ['has balances that are no list', chain(landed({ pre: {} })), NO_ANSWER],
  ['has an amount that is no text', chain(landed({ post: [{ accountIndex: 1 }] })), NO_ANSWER],
  ['has no accounts', chain(landed({ keys: 'none' })), NO_ANSWER],
])('a server that %s says nothing', async (_, methods, reason) => {
  expect(await check([methods])).toEqual({ status: 'unknown', reasons: [reason] })
  expect((await check([methods, chain(landed({}))])).status).toBe('confirmed')
})

test('an account that the transaction does not name has no balance in it, whatever a server says', async () => {
  const stray = { keys: ['feePayer'], pre: [held(-1, 5_000_000n)], post: [held(-1, 4_000_000n)] }
  expect((await check([chain(landed(stray))])).reasons).toEqual([NOT_TAKEN, NOT_GIVEN])
})

test('two servers that contradict each other leave it unknown', async () => {
  expect(await check([chain(landed({})), chain(landed({ err: 'x' }))])).toEqual({
    status: 'unknown',
    reasons: ['RPC servers contradict each other'],
  })
})

test.each<[string, Partial<PaymentClaim>, string]>([
  ['no transaction', { transaction: undefined }, 'unknown'],
  ['another network', { network: 'solana:other' }, 'unknown'],
  ['what is no transaction of Solana', { transaction: `0x${'a1'.repeat(32)}` }, 'contradicted'],
])('a claim with %s is judged without asking anybody', async (_, change, status) => {
  const server = await startRpcDouble(chain(landed({})))
  const context = { rpc: [server.url], fetch }
  expect((await verifyReceipt({ ...claim, ...change }, context)).status).toBe(status)
  expect(server.calls).toEqual([])
})

test('without a server, and after an abort, it is unknown', async () => {
  expect((await verifyReceipt(claim, { rpc: [], fetch })).status).toBe('unknown')
  const server = await startRpcDouble(chain(landed({})))
  const context = { rpc: [server.url], fetch, signal: AbortSignal.abort() }
  expect((await verifyReceipt(claim, context)).status).toBe('unknown')
})
