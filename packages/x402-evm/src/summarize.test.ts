import { expect, test } from 'vitest'
import { evmSigner } from './evmSigner'
import { networks } from './networks'
import { summarize } from './summarize'
import type { TransferTypedData } from './transferAuthorization'
import type { PrepareContext } from './wallet'

const ADDRESS = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
const PAY_TO = '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359'
const context: PrepareContext = { now: 1_800_000_000, validity: 60, rpc: [], fetch }

async function asked(network: string, amount: bigint) {
  const signed: TransferTypedData[] = []
  const wallet = evmSigner({
    address: ADDRESS,
    signTypedData: async (typedData) => {
      signed.push(typedData)
      return `0x${'1'.padStart(64, '0')}${'2'.padStart(64, '0')}1b`
    },
    signMessage: async () => '0x',
  })
  const asset = networks[network]?.address ?? ''
  const terms = { network, asset, amount, payTo: PAY_TO.toLowerCase(), extra: {} }
  const prepared = await wallet.prepare(terms, context)
  await prepared.sign()
  const [typedData] = signed
  if (!typedData) throw new Error('nothing was asked for')
  return { prepared, typedData }
}

test.each(Object.keys(networks))('what is signed on %s is what is summarized', async (network) => {
  const { prepared, typedData } = await asked(network, 1_234_567n)
  const asset = networks[network]?.address
  const summary = { network, asset, amount: 1_234_567n, payTo: PAY_TO, from: ADDRESS }
  expect(prepared.summary).toEqual(summary)
  expect(summarize(typedData)).toEqual(summary)
})

test('other typed data is not summarized as a payment', async () => {
  const { typedData } = await asked('eip155:8453', 1n)
  const { domain } = typedData
  const others = [
    { ...typedData, domain: { ...domain, chainId: 1 } },
    { ...typedData, domain: { ...domain, chainId: 84532 } },
    { ...typedData, domain: { ...domain, verifyingContract: ADDRESS } },
    { ...typedData, domain: { ...domain, name: 'USDC' } },
    { ...typedData, domain: { ...domain, version: '1' } },
    { ...typedData, primaryType: 'ReceiveWithAuthorization' },
  ]
  for (const other of others) {
    expect(() => Reflect.apply(summarize, undefined, [other])).toThrow(
      expect.objectContaining({ code: 'refused' }),
    )
  }
})
