import { expect, test } from 'vitest'
import { encode58 } from './base58'
import { networks } from './networks'
import { solanaSigner } from './solanaSigner'
import { summarize } from './summarize'
import { tokenAccount } from './tokenAccount'
import { type Transfer, transferMessage, unsignedTransaction } from './transaction'

const random58 = () => encode58(crypto.getRandomValues(new Uint8Array(32)))
const MAINNET = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'
const USDC = networks[MAINNET]?.address ?? ''

async function transfer(changes: Partial<Transfer> = {}, mint = USDC) {
  const owner = random58()
  const payTo = random58()
  const whole: Transfer = {
    feePayer: random58(),
    owner,
    source: await tokenAccount(owner, mint),
    destination: await tokenAccount(payTo, mint),
    mint,
    amount: 1_234_567n,
    decimals: 6,
    memo: 'memo',
    blockhash: random58(),
    ...changes,
  }
  return { owner, payTo, wire: unsignedTransaction(transferMessage(whole)) }
}

test.each(Object.keys(networks))(
  'what the bytes do on %s is what is summarized',
  async (network) => {
    const asset = networks[network]?.address ?? ''
    for (const amount of [1n, 255n, 256n, 1_234_567n, 2n ** 64n - 1n]) {
      const { owner, payTo, wire } = await transfer({ amount }, asset)
      expect(await summarize(wire, payTo)).toEqual({ network, asset, amount, payTo, from: owner })
    }
  },
)

test('a prepared payment says what its bytes do', async () => {
  const key = await crypto.subtle.generateKey('Ed25519', true, ['sign'])
  if (!('publicKey' in key)) throw new Error('no key pair')
  const address = encode58(new Uint8Array(await crypto.subtle.exportKey('raw', key.publicKey)))
  const wallet = solanaSigner({ address, signTransactions: async () => [] })
  const payTo = random58()
  const extra = { feePayer: random58(), recentBlockhash: random58() }
  const terms = { network: MAINNET, asset: USDC, amount: 7n, payTo, extra }
  const context = { now: 1_800_000_000, validity: 60, rpc: [], fetch }
  const { summary } = await wallet.prepare(terms, context)
  expect(summary).toEqual({ network: MAINNET, asset: USDC, amount: 7n, payTo, from: address })
})

test('bytes that do something else are not summarized as that payment', async () => {
  const honest = await transfer()
  const elsewhere = await transfer({ source: random58() })
  const foreign = await transfer({}, random58())
  const cases = [
    [honest.wire, random58()],
    [elsewhere.wire, elsewhere.payTo],
    [foreign.wire, foreign.payTo],
  ] as const
  for (const [wire, payTo] of cases) {
    await expect(summarize(wire, payTo)).rejects.toMatchObject({ code: 'refused' })
  }
  await expect(summarize(honest.wire.subarray(1), honest.payTo)).rejects.toThrow(RangeError)
})
