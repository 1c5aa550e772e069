import { afterEach, expect, vi } from 'vitest'
import { plant, takeLeaks, watchForLeaks } from './leaks'

watchForLeaks()

vi.mock('viem/accounts', async (original) => {
  const accounts = await original<typeof import('viem/accounts')>()
  const generatePrivateKey: typeof accounts.generatePrivateKey = () => {
    const key = accounts.generatePrivateKey()
    plant(key.slice(2))
    return key
  }
  return { ...accounts, generatePrivateKey }
})

vi.mock('@solana/web3.js', async (original) => {
  const web3 = await original<typeof import('@solana/web3.js')>()
  const { generate } = web3.Keypair
  web3.Keypair.generate = () => {
    const pair = generate.call(web3.Keypair)
    plant(Buffer.from(pair.secretKey).toString('hex'))
    plant(Buffer.from(pair.secretKey).toString('base64'))
    return pair
  }
  return web3
})

afterEach(() => {
  expect(takeLeaks()).toEqual([])
})
