import { gatewayDouble } from './gatewayDouble'
import { interleave, microseconds } from './measure'
import type { Table } from './printTable'
import { account, arouter, baseURL, chat, official, openai, post } from './subjects'

const PER_BLOCK = 500
const BLOCKS = 20

/** What a call with credit adds to the bare fetch under it. */
export async function measureWarmCall(): Promise<Table> {
  const url = `${baseURL}/v1/chat/completions`
  const free = gatewayDouble('none', account.address)
  const wrapped = official(free)
  // Once the client has its token, the same fetch is under all three.
  let under = gatewayDouble('session', account.address)
  const client = arouter((input, init) => under(input, init))
  const read = async (response: Promise<Response>) => {
    if (!(await response).ok) throw new Error('the double did not serve')
  }
  await read(client.fetch(url, post))
  under = free
  const samples = await interleave(
    {
      bare: () => microseconds(PER_BLOCK, () => read(free(url, post))),
      '@arouter/sdk client.fetch': () =>
        microseconds(PER_BLOCK, () => read(client.fetch(url, post))),
      '@x402/fetch': () => microseconds(PER_BLOCK, () => read(wrapped(url, post))),
    },
    BLOCKS,
  )
  return {
    title: `Warm fetch: time added to a bare fetch, ${PER_BLOCK * BLOCKS} calls each`,
    unit: 'us',
    samples,
    bare: 'bare',
    ours: '@arouter/sdk client.fetch',
  }
}

/** A whole chat completion with credit, on the same double. */
export async function measureChat(): Promise<Table> {
  const client = arouter(gatewayDouble('session', account.address))
  const peer = openai(gatewayDouble('none', account.address))
  await client.chatCompletion(chat)
  const samples = await interleave(
    {
      '@arouter/sdk chatCompletion': () =>
        microseconds(PER_BLOCK, () => client.chatCompletion(chat)),
      'openai chat.completions.create': () =>
        microseconds(PER_BLOCK, async () => peer.chat.completions.create(chat)),
    },
    BLOCKS,
  )
  return {
    title: `Chat completion over an in-process fetch, ${PER_BLOCK * BLOCKS} calls each`,
    unit: 'us',
    samples,
    ours: '@arouter/sdk chatCompletion',
  }
}
