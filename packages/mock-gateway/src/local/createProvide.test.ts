import { expect, test } from 'vitest'
import { createProvide } from './createProvide'

const unlimited = { balances: 'unlimited', payTo: '0xPaid' } as const
const ledger = () => {
  const held = new Map<string, bigint>()
  let gifts = 0
  const balanceOf = async (address: string) => held.get(address) ?? 0n
  const faucet = async (address: string, amount: bigint) => {
    gifts += 1
    held.set(address, amount)
  }
  return { held, node: { balanceOf, faucet }, gifts: () => gifts }
}

test('where balances are unlimited a wallet is given a billion dollars, once', async () => {
  const { held, node, gifts } = ledger()
  const provide = createProvide(node, unlimited, new Map())
  await Promise.all([provide('0xAb'), provide('0xaB')])
  expect(held.get('0xab')).toBe(1_000_000_000_000_000n)
  held.set('0xab', 0n)
  await provide('0xab')
  expect([gifts(), held.get('0xab')]).toEqual([1, 0n])
})

test('a wallet that holds something, or was set to what it holds, is given nothing', async () => {
  const { held, node, gifts } = ledger()
  held.set('0xrich', 1n)
  const provide = createProvide(node, unlimited, new Map([['0xset', Promise.resolve()]]))
  await provide('0xrich')
  await provide('0xset')
  expect(gifts()).toBe(0)
})

test('who is paid is given nothing', async () => {
  const { node, gifts } = ledger()
  await createProvide(node, unlimited, new Map())('0xpaid')
  expect(gifts()).toBe(0)
})

test('where balances are given nobody is given more', async () => {
  const { node, gifts } = ledger()
  await createProvide(node, { ...unlimited, balances: new Map() }, new Map())('0xab')
  expect(gifts()).toBe(0)
})
