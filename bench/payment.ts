import { gatewayDouble } from './gatewayDouble'
import { interleave, microseconds } from './measure'
import type { Table } from './printTable'
import { account, arouter, baseURL, official, post } from './subjects'

const PER_BLOCK = 10
const BLOCKS = 30

/** 402, sign, send again: all of it, with the signature made by the same viem account. */
export async function measurePayment(): Promise<Table> {
  const url = `${baseURL}/v1/chat/completions`
  const double = gatewayDouble('each', account.address)
  const client = arouter(double)
  const wrapped = official(double)
  const paid = async (response: Promise<Response>) => {
    const answer = await response
    if (!answer.headers.has('payment-response')) throw new Error('the double was not paid')
    await answer.text()
  }
  const samples = await interleave(
    {
      '@arouter/sdk': () => microseconds(PER_BLOCK, () => paid(client.fetch(url, post))),
      '@x402/fetch + @x402/evm': () => microseconds(PER_BLOCK, () => paid(wrapped(url, post))),
    },
    BLOCKS,
  )
  return {
    title: `Payment: 402, sign, send again in process, ${PER_BLOCK * BLOCKS} payments each`,
    unit: 'us',
    samples,
    ours: '@arouter/sdk',
  }
}
