import { Stream } from 'openai/streaming'
import { jsonChunks } from '../packages/sdk/src/stream/chunks'
import { gatewayDouble } from './gatewayDouble'
import { interleave } from './measure'
import type { Table } from './printTable'
import { account, arouter, chat, openai } from './subjects'

const EVENTS = 4_000
const WORDS = ['Hello', ' there', '.', ' größer', ' as', ' 日本', ' a']
const ROUNDS = 21
const bounds = { idleTimeout: 60_000 }

const events = [
  ...Array.from({ length: EVENTS }, (_, index) => {
    const delta = { content: WORDS[index % WORDS.length] }
    return `data: ${JSON.stringify({
      id: 'chatcmpl-Bx1abc',
      object: 'chat.completion.chunk',
      created: 1_763_712_000,
      model: 'gpt-5-mini',
      system_fingerprint: 'fp_44709d6fcb',
      choices: [{ index: 0, delta, logprobs: null, finish_reason: null }],
    })}\n\n`
  }),
  'data: [DONE]\n\n',
]
const bytes = new TextEncoder().encode(events.join(''))

function groupsOf(size: number): Uint8Array[] {
  const groups = Array.from({ length: Math.ceil(events.length / size) }, (_, index) =>
    events.slice(index * size, (index + 1) * size).join(''),
  )
  return groups.map((group) => new TextEncoder().encode(group))
}

function piecesOf(size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.slice(index * size, (index + 1) * size),
  )
}

function answer(pieces: readonly Uint8Array[]): Response {
  let index = 0
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const piece = pieces[index++]
      if (piece) controller.enqueue(piece)
      else controller.close()
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

/** Megabytes a second. */
async function rate(open: () => Promise<AsyncIterable<unknown>>): Promise<number> {
  const start = process.hrtime.bigint()
  let count = 0
  for await (const _ of await open()) count++
  if (count !== EVENTS) throw new Error(`${count} of ${EVENTS} events came`)
  return (bytes.length * 1_000) / Number(process.hrtime.bigint() - start)
}

async function compare(name: string, pieces: readonly Uint8Array[]): Promise<Table> {
  const ours = '@arouter/sdk'
  const samples = await interleave(
    {
      [ours]: () =>
        rate(async () => jsonChunks(answer(pieces).body ?? new ReadableStream(), bounds)),
      openai: () => rate(async () => Stream.fromSSEResponse(answer(pieces), new AbortController())),
    },
    ROUNDS,
    4,
  )
  return { title: `Stream parsing, ${name}; more is better`, unit: 'MB/s', samples, ours }
}

async function throughClients(pieces: readonly Uint8Array[]): Promise<Table> {
  const ours = '@arouter/sdk chatCompletionStream'
  const stream = { ...chat, stream: true as const }
  const double = gatewayDouble('session', account.address)
  const serve: typeof fetch = async (input, init) => {
    const response = await double(input, init)
    const streams = String(init?.body).endsWith('"stream":true}') && response.ok
    return streams && !response.headers.has('payment-response') ? answer(pieces) : response
  }
  const client = arouter(serve)
  await client.chatCompletion(chat)
  const peer = openai(async () => answer(pieces))
  const samples = await interleave(
    {
      [ours]: () => rate(async () => client.chatCompletionStream(chat)),
      'openai chat.completions.create': () =>
        rate(async () => peer.chat.completions.create(stream)),
    },
    ROUNDS,
    4,
  )
  return {
    title: 'Stream through the client, 16 KiB pieces; more is better',
    unit: 'MB/s',
    samples,
    ours,
  }
}

/** Reading a streamed chat completion, by how the network cuts it. */
export async function measureStreams(): Promise<Table[]> {
  return [
    await compare('one event a piece', groupsOf(1)),
    await compare('20 events a piece', groupsOf(20)),
    await compare('16 KiB pieces', piecesOf(16_384)),
    await throughClients(piecesOf(16_384)),
  ]
}
