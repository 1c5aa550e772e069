import { generateKeyPairSigner } from '@solana/kit'
import { toFacilitatorSvmSigner } from '@x402/svm'
import { expect, test } from 'vitest'
import { ask, DEVNET, MAINNET, solanaNetwork, startNode, startTrade } from './testing'
import { tokenAccountOf } from './tokens'

test.each([MAINNET, DEVNET] as const)('a payment on %s moves USDC once', async (id) => {
  const node = await startNode({ id })
  const { payer, seller, requirements, facilitator, sign } = await startTrade(node, id)
  const payment = await sign()
  const first = facilitator()
  expect(await first.verify(payment, requirements)).toMatchObject({ isValid: true })
  const settled = await first.settle(payment, requirements)
  expect(settled).toMatchObject({ success: true, payer: payer.address })
  expect(await node.balanceOf(payer.address)).toBe(2_000_000n)
  expect(await node.balanceOf(seller)).toBe(1_000_000n)
  expect(await node.transfers()).toEqual([
    {
      transaction: settled.transaction,
      from: payer.address,
      to: seller,
      amount: 1_000_000n,
      height: expect.any(BigInt),
    },
  ])
  expect(await facilitator().verify(payment, requirements)).toMatchObject({
    isValid: false,
    invalidMessage: expect.stringContaining('AlreadyProcessed'),
  })
  expect(await node.balanceOf(seller)).toBe(1_000_000n)
})

test('two facilitators that settle one payment at once make one transfer', async () => {
  const node = await startNode()
  const { seller, requirements, facilitator, sign } = await startTrade(node)
  const payment = await sign()
  const both = await Promise.all(
    [facilitator(), facilitator()].map((one) => one.settle(payment, requirements)),
  )
  const settled = both.filter(({ success }) => success)
  expect(new Set(settled.map(({ transaction }) => transaction)).size).toBe(1)
  expect(await node.transfers()).toHaveLength(1)
  expect(await node.balanceOf(seller)).toBe(1_000_000n)
})

test('two hundred payments, fifty at a time, all settle', async () => {
  const node = await startNode()
  const { payer, seller, requirements, facilitator, sign } = await startTrade(node)
  await node.faucet(payer.address, 197_000_000n)
  const official = facilitator()
  const pay = async () => official.settle(await sign(), requirements)
  for (let round = 0; round < 4; round++) {
    const settled = await Promise.all(Array.from({ length: 50 }, pay))
    expect(settled.filter(({ success }) => !success)).toEqual([])
  }
  expect(await node.balanceOf(seller)).toBe(200_000_000n)
  expect(await node.balanceOf(payer.address)).toBe(0n)
  expect(new Set((await node.transfers()).map(({ transaction }) => transaction)).size).toBe(200)
})

test('what cannot land is refused in the words of a validator', async () => {
  const node = await startNode()
  const { requirements, facilitator, sign, payer } = await startTrade(node)
  const verdict = async (payment: Awaited<ReturnType<typeof sign>>, terms = requirements) =>
    (await facilitator().verify(payment, terms)).invalidMessage

  expect(await verdict(await sign(payer, '4000000'), { ...requirements, amount: '4000000' })).toBe(
    'Simulation failed: {"InstructionError":["2",{"Custom":"1"}]}',
  )
  const stranger = await generateKeyPairSigner()
  expect(await verdict(await sign(stranger))).toBe(
    'Simulation failed: {"InstructionError":["2","InvalidAccountData"]}',
  )
  const late = await sign()
  await node.advance(151)
  expect(await verdict(late)).toBe('Simulation failed: "BlockhashNotFound"')
  const known = await sign()
  await node.advance(150)
  expect(await verdict(known)).toBe(undefined)
})

test('a transaction that is held lands when it is due, one that is dropped never', async () => {
  let now = 1_900_000_000_000
  const node = await startNode({ clock: () => now })
  const { seller, feePayer, sign, payer } = await startTrade(node)
  const send = async () => {
    const { payload } = await sign()
    const signer = toFacilitatorSvmSigner(feePayer, { defaultRpcUrl: node.url })
    const signed = await signer.signTransaction(
      String(payload.transaction),
      feePayer.address,
      MAINNET,
    )
    return signer.sendTransaction(signed, MAINNET)
  }
  const status = async (id: string) => (await ask(node, 'getSignatureStatuses', [[id]])).result

  node.holdNext(now + 5_000)
  const held = await send()
  expect((await status(held)).value).toEqual([null])
  now += 5_000
  expect((await status(held)).value).toMatchObject([{ err: null }])

  node.dropNext()
  const dropped = await send()
  await node.advance(1)
  expect((await status(dropped)).value).toEqual([null])

  node.holdNext()
  const later = await send()
  now += 50_000
  expect((await status(later)).value).toEqual([null])
  await node.advance(1)
  expect((await status(later)).value).toMatchObject([{ err: null }])

  node.holdNext()
  const expired = await send()
  await node.advance(151)
  expect((await status(expired)).value).toEqual([null])
  expect(await node.balanceOf(seller)).toBe(2_000_000n)
  expect(await node.balanceOf(payer.address)).toBe(1_000_000n)
})

test('what is finalized trails by as much as was asked for', async () => {
  const node = await startNode()
  const { requirements, facilitator, sign, seller } = await startTrade(node)
  node.setFinality(32)
  await node.advance(40)
  const { transaction } = await facilitator().settle(await sign(), requirements)
  const status = async () => (await ask(node, 'getSignatureStatuses', [[transaction]])).result
  const account = await tokenAccountOf(seller, solanaNetwork().asset)
  const balance = async (commitment: string) =>
    (await ask(node, 'getTokenAccountBalance', [account, { commitment }])).result.value.amount
  const found = async (commitment: string) => {
    const options = { commitment, maxSupportedTransactionVersion: 0 }
    return (await ask(node, 'getTransaction', [transaction, options])).result?.slot !== undefined
  }

  expect((await status()).value).toMatchObject([{ confirmationStatus: 'confirmed' }])
  expect(await balance('confirmed')).toBe('1000000')
  expect(await balance('finalized')).toBe('0')
  expect(await found('confirmed')).toBe(true)
  expect(await found('finalized')).toBe(false)
  await node.advance(32)
  expect((await status()).value).toMatchObject([
    { confirmationStatus: 'finalized', confirmations: null },
  ])
  expect(await balance('finalized')).toBe('1000000')
  expect(await found('finalized')).toBe(true)
})

test('a reorganization undoes the last slots but for gifts, and what was undone lands again', async () => {
  const node = await startNode()
  const { requirements, facilitator, sign, seller, payer, feePayer } = await startTrade(node)
  await node.advance(100)
  const early = await generateKeyPairSigner()
  await node.faucet(early.address, 5n)
  const lamports = async () => (await ask(node, 'getBalance', [feePayer.address])).result.value
  const before = await lamports()
  const first = await facilitator().settle(await sign(), requirements)
  const second = await facilitator().settle(await sign(), requirements)
  expect([first.success, second.success]).toEqual([true, true])
  const height = (await ask(node, 'getBlockHeight')).result

  await node.reorg(5)
  expect(await node.transfers()).toEqual([])
  expect(await node.balanceOf(seller)).toBe(0n)
  expect(await node.balanceOf(payer.address)).toBe(3_000_000n)
  expect(await lamports()).toBe(before)
  expect((await ask(node, 'getBlockHeight')).result).toBeLessThan(height)
  expect(await node.balanceOf(early.address)).toBe(5n)
  await node.advance(1)
  expect((await node.transfers()).map(({ transaction }) => transaction)).toEqual([
    first.transaction,
    second.transaction,
  ])
  expect(await node.balanceOf(seller)).toBe(2_000_000n)
  await node.reorg(5, Date.now())
  expect(await node.transfers()).toHaveLength(2)
})

test('what a node cannot be told is an error of the next call, and of that one only', async () => {
  const node = await startNode()
  node.setFinality(-1)
  await expect(node.height()).rejects.toThrow('expected a whole number')
  expect(await node.height()).toBeGreaterThan(0n)
})

test('balances can be set, and all be undone', async () => {
  const node = await startNode()
  const { address } = await generateKeyPairSigner()
  await node.setBalance(address, 7n)
  expect(await node.balanceOf(address)).toBe(7n)
  await node.setBalance(address, 3n)
  expect(await node.balanceOf(address)).toBe(3n)
  const supply = async () =>
    (await ask(node, 'getTokenSupply', [solanaNetwork().asset])).result.value
  expect(await supply()).toEqual({
    amount: '3',
    decimals: 6,
    uiAmount: 0.000003,
    uiAmountString: '0.000003',
  })
  await node.reset()
  expect(await node.balanceOf(address)).toBe(0n)
  expect((await supply()).amount).toBe('0')
  await expect(node.faucet('0xabc', 1n)).rejects.toThrow("not a Solana address: '0xabc'")
})
