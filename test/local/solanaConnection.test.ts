import {
  Connection,
  Keypair,
  PublicKey,
  SystemProgram,
  type TokenBalance,
  Transaction,
} from '@solana/web3.js'
import { expect, test } from 'vitest'
import {
  solanaNetwork,
  startNode,
  startTrade,
} from '../../packages/mock-gateway/src/local/solana/testing'
import { tokenAccountOf } from '../../packages/mock-gateway/src/local/solana/tokens'

const USDC = new PublicKey(solanaNetwork().asset)
const TOKENS = new PublicKey('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA')

const connect = ({ url }: { readonly url: string }) => new Connection(url, 'confirmed')

test('the Connection of web3.js reads a payment, what it moved and what it cost', async () => {
  const node = await startNode()
  const { payer, seller, feePayer, requirements, facilitator, sign } = await startTrade(node)
  const connection = connect(node)
  const feeBefore = await connection.getBalance(new PublicKey(feePayer.address))
  const { transaction } = await facilitator().settle(await sign(), requirements)

  const read = await connection.getTransaction(transaction, { maxSupportedTransactionVersion: 0 })
  const meta = read?.meta
  const feeAfter = await connection.getBalance(new PublicKey(feePayer.address))
  expect(meta?.err).toBe(null)
  expect(meta?.fee).toBe(feeBefore - feeAfter)
  const tokens = (balances: readonly TokenBalance[] | null | undefined) =>
    Object.fromEntries(
      (balances ?? []).map(({ owner, mint, uiTokenAmount }) => {
        expect(mint).toBe(USDC.toBase58())
        return [owner, uiTokenAmount.amount]
      }),
    )
  expect(tokens(meta?.preTokenBalances)).toEqual({ [payer.address]: '3000000', [seller]: '0' })
  expect(tokens(meta?.postTokenBalances)).toEqual({
    [payer.address]: '2000000',
    [seller]: '1000000',
  })
  expect(read?.transaction.message.staticAccountKeys.map(String)).toContain(USDC.toBase58())
  expect(read?.transaction.signatures[0]).toBe(transaction)

  const parsed = await connection.getParsedTransaction(transaction, {
    maxSupportedTransactionVersion: 0,
  })
  const signers = parsed?.transaction.message.accountKeys.filter(({ signer }) => signer)
  expect(signers?.map(({ pubkey }) => pubkey.toBase58())).toEqual([feePayer.address, payer.address])
  await expect(connection.getTransaction(transaction)).rejects.toThrow('Transaction version (0)')

  const account = new PublicKey(await tokenAccountOf(payer.address, USDC.toBase58()))
  const [entry] = await connection.getSignaturesForAddress(account)
  expect(entry).toMatchObject({
    signature: transaction,
    err: null,
    memo: expect.stringMatching(/^\[32\] [0-9a-f]{32}$/),
  })
  const older = await connection.getSignaturesForAddress(account, { before: transaction })
  expect(older).toHaveLength(1)
  const until = older[0]?.signature ?? ''
  expect(await connection.getSignaturesForAddress(account, { until })).toEqual([entry])
})

test('the Connection of web3.js reads what an owner holds', async () => {
  const node = await startNode()
  const { payer } = await startTrade(node)
  const connection = connect(node)
  const owner = new PublicKey(payer.address)
  const account = new PublicKey(await tokenAccountOf(payer.address, USDC.toBase58()))
  expect((await connection.getTokenAccountBalance(account)).value).toEqual({
    amount: '3000000',
    decimals: 6,
    uiAmount: 3,
    uiAmountString: '3',
  })
  for (const filter of [{ mint: USDC }, { programId: TOKENS }]) {
    const { value } = await connection.getParsedTokenAccountsByOwner(owner, filter)
    expect(value).toMatchObject([
      {
        pubkey: account,
        account: { data: { parsed: { info: { tokenAmount: { amount: '3000000' } } } } },
      },
    ])
  }
  const { value } = await connection.getTokenAccountsByOwner(owner, { mint: USDC })
  expect(value[0]?.account.data.length).toBe(165)
  const nobody = Keypair.generate().publicKey
  expect((await connection.getTokenAccountsByOwner(nobody, { mint: USDC })).value).toEqual([])
  expect(await connection.getAccountInfo(nobody)).toBe(null)
  expect((await connection.getMultipleAccountsInfo([USDC, nobody])).map(Boolean)).toEqual([
    true,
    false,
  ])
})

test('the Connection of web3.js sends, airdrops, and knows the chain', async () => {
  const node = await startNode()
  const connection = connect(node)
  const from = Keypair.generate()
  const to = Keypair.generate().publicKey
  const gift = await connection.requestAirdrop(from.publicKey, 2_000_000_000)
  expect((await connection.getSignatureStatus(gift)).value?.confirmationStatus).toBe('finalized')
  const { blockhash, lastValidBlockHeight } = await connection.getLatestBlockhash()
  expect(lastValidBlockHeight).toBe((await connection.getBlockHeight()) + 150)
  expect((await connection.isBlockhashValid(blockhash)).value).toBe(true)
  const build = (lamports: number) =>
    new Transaction({ feePayer: from.publicKey, blockhash, lastValidBlockHeight }).add(
      SystemProgram.transfer({ fromPubkey: from.publicKey, toPubkey: to, lamports }),
    )
  const fee = await connection.getFeeForMessage(build(1_000_000).compileMessage())
  expect(fee.value).toBe(5000)
  await connection.sendTransaction(build(1_000_000), [from])
  expect(await connection.getBalance(to)).toBe(1_000_000)
  await expect(connection.sendTransaction(build(5_000_000_000), [from])).rejects.toThrow(
    'Transaction simulation failed: {"InstructionError":[0,{"Custom":1}]}',
  )
  const before = await connection.getBalance(from.publicKey)
  const failed = await connection.sendTransaction(build(5_000_000_000), [from], {
    skipPreflight: true,
  })
  expect((await connection.getSignatureStatus(failed)).value?.err).toEqual({
    InstructionError: [0, { Custom: 1 }],
  })
  expect(await connection.getBalance(from.publicKey)).toBe(before - 5000)

  expect(await connection.getGenesisHash()).toBe('5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d')
  const slot = await connection.getSlot()
  expect(await connection.getBlockTime(slot)).toBeGreaterThan(1_700_000_000)
  expect((await connection.getEpochInfo()).absoluteSlot).toBeGreaterThanOrEqual(slot)
  expect(await connection.getFirstAvailableBlock()).toBe(0)
  expect(await connection.getMinimumBalanceForRentExemption(165)).toBe(2_039_280)
  expect((await connection.getVersion())['solana-core']).toBeTruthy()
  expect((await connection.getTokenSupply(USDC)).value.amount).toBe('0')
})
