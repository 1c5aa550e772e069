import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  ARouter,
  type ChatCompletionRequest,
  memoryStore,
  type RequestOptions,
  type Store,
  withX402EvmPayment,
  withX402SolanaPayment,
} from '@arouter/sdk'
import { solanaSigner } from '@arouter/x402-solana'
import nacl from 'tweetnacl'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** A call that waits for something which does not come before it is let go. */
export type Waiting = {
  readonly call: Promise<unknown>
  /** Resolves once the call waits. */
  readonly begun: Promise<void>
  /** Lets what is waited for come. */
  readonly letGo: () => void
  /** How often a wallet was asked to sign. */
  readonly asked: () => number
  /** How many requests had a payment or a proof on them. */
  readonly carried: () => number
  readonly end: () => void
}

/** One thing a call can wait for. */
export type Wait = {
  readonly start: (options: RequestOptions) => Promise<Waiting>
  /** Whether a call ends at its `timeout`. People and stores take their time, and a payment is recovered. */
  readonly isTimed: boolean
  /** Whether another call leads, which goes on when it is let go. */
  readonly isOfAnother: boolean
}

const CHAT: ChatCompletionRequest = { model: 'm', messages: [{ role: 'user', content: 'hello' }] }
const TOKEN = 'e30.e30.c2lnbmF0dXJl'

type Seen = {
  readonly path: string
  readonly isPaid: boolean
  /** How many requests to this path came before. */
  readonly before: number
}

type Scene = {
  readonly url: string
  /** What is waited for: marks that the wait has begun, and ends when it is let go. */
  readonly wait: () => Promise<void>
  readonly asks: (kind: 'transfer' | 'message', by: () => Promise<void>) => void
  readonly account: ReturnType<typeof privateKeyToAccount>
  readonly solana: ReturnType<typeof solanaSigner>
}

/** How a server answers, and the call that is made of it. */
type Play = {
  readonly answer?: (seen: Seen, response: ServerResponse, scene: Scene) => void
  readonly act: (scene: Scene, options: RequestOptions) => Promise<unknown>
  readonly isTimed?: boolean
  readonly isOfAnother?: boolean
}

const evmOffer = {
  scheme: 'exact',
  network: 'eip155:8453',
  amount: '1000000',
  asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
  payTo: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
  maxTimeoutSeconds: 60,
  extra: { name: 'USD Coin', version: '2' },
}
const solanaOffer = {
  ...evmOffer,
  network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
  asset: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v',
  payTo: '2wKupLR9q6wXYppw8Gr2NvWxKBUqm4PPJKkQfoxHDBg4',
  extra: { feePayer: 'EwWqGE4ZFKLofuestmU4LDdK7XM1N4ALgdZccwYugwGd' },
}

function demand(response: ServerResponse, offer: object = evmOffer): void {
  const terms = Buffer.from(JSON.stringify({ x402Version: 2, accepts: [offer] })).toString('base64')
  response.writeHead(402, { 'payment-required': terms }).end()
}

const unpaid = { signIn: 'never' } as const

function client({ url, account }: Scene, options: object = {}) {
  const gateway = new ARouter({ baseURL: url, maxRetries: 0 })
  return withX402EvmPayment(gateway, account, { store: memoryStore(), ...options })
}

const chat = (scene: Scene, call: RequestOptions, options: object = unpaid) =>
  client(scene, options).chatCompletion(CHAT, call)

/** Two calls of one client, of which the first one leads and has no signal. */
async function follow(scene: Scene, call: RequestOptions, options: object) {
  const both = client(scene, options)
  both.chatCompletion(CHAT).catch(() => undefined)
  await new Promise((resolve) => setTimeout(resolve, 30))
  return both.chatCompletion(CHAT, call)
}

/** A memory whose reads or updates of some keys take their time. */
function slowStore({ wait }: Scene, isSlow: (key: string) => boolean): Store {
  const store = memoryStore()
  return {
    ...store,
    get: async (key) => {
      if (isSlow(key)) await wait()
      return store.get(key)
    },
    update: async (key, change) => {
      if (isSlow(key)) await wait()
      return store.update(key, change)
    },
  }
}

const plays: Readonly<Record<string, Play>> = {
  'the rest of its own request': {
    act: (scene, { signal = null }) => {
      const body = new ReadableStream({ pull: scene.wait })
      const request = { method: 'POST', body, signal, duplex: 'half' }
      return client(scene, unpaid).fetch('/v1/audio/transcriptions', request)
    },
  },
  'an answer': { answer: (_, __, { wait }) => void wait(), act: chat, isTimed: true },
  'the rest of an answer': {
    answer: (_, response, { wait }) => void response.writeHead(200).write('{', () => wait()),
    act: chat,
    isTimed: true,
  },
  'the rest of a refusal': {
    answer: (_, response, { wait }) => void response.writeHead(500).write('{', () => wait()),
    act: chat,
    isTimed: true,
  },
  'the rest of a 402': {
    answer: (_, response, { wait }) =>
      void response.writeHead(402).write('{"x402Version":1,', () => wait()),
    act: chat,
    isTimed: true,
  },
  'the next event of a stream': {
    answer: (_, response, { wait }) =>
      void response.writeHead(200).write('data: {"choices":[]}\n\n', () => wait()),
    act: async (scene, call) => {
      for await (const _ of client(scene, unpaid).chatCompletionStream(CHAT, call));
    },
    isTimed: true,
  },
  'a second try': {
    answer: (_, response, { wait }) => {
      response.writeHead(503, { 'retry-after': '30' }).end()
      void wait()
    },
    act: ({ url, account }, call) => {
      const options = { store: memoryStore(), ...unpaid }
      const gateway = new ARouter({ baseURL: url })
      return withX402EvmPayment(gateway, account, options).chatCompletion(CHAT, call)
    },
  },
  'the answer to a sign-in': {
    answer: (_, __, { wait }) => void wait(),
    act: (scene, call) => chat(scene, call, {}),
  },
  'the rest of the answer to a sign-in': {
    answer: (_, response, { wait }) => void response.writeHead(200).write('{"jwt":"', () => wait()),
    act: (scene, call) => chat(scene, call, {}),
  },
  'the sign-in of another call': {
    answer: (_, __, { wait }) => void wait(),
    act: (scene, call) => follow(scene, call, {}),
    isOfAnother: true,
  },
  'the wallet, to sign in': {
    act: (scene, call) => {
      scene.asks('message', scene.wait)
      return chat(scene, call, {})
    },
  },
  'the wallet, to pay': {
    answer: (_, response) => demand(response),
    act: (scene, call) => {
      scene.asks('transfer', scene.wait)
      return chat(scene, call)
    },
  },
  'the payment of another call': {
    answer: (_, response) => demand(response),
    act: (scene, call) => {
      scene.asks('transfer', scene.wait)
      return follow(scene, call, unpaid)
    },
    isOfAnother: true,
  },
  'the payment of another process': {
    answer: (_, response) => demand(response),
    act: async (scene, call) => {
      scene.asks('transfer', scene.wait)
      const options = { ...unpaid, store: memoryStore() }
      client(scene, options)
        .chatCompletion(CHAT)
        .catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, 30))
      return chat(scene, call, options)
    },
    isOfAnother: true,
  },
  approval: {
    answer: (_, response) => demand(response),
    act: (scene, call) => {
      const approve = () => scene.wait().then(() => true)
      return chat(scene, call, { ...unpaid, approve })
    },
  },
  'the answer to a payment': {
    answer: ({ isPaid }, response, { wait }) => void (isPaid ? wait() : demand(response)),
    act: chat,
  },
  'a node, for a blockhash': {
    answer: ({ path }, response, { wait }) =>
      void (path === '/rpc' ? wait() : demand(response, solanaOffer)),
    act: ({ url, solana }, call) => {
      const rpc = { [solanaOffer.network]: `${url}/rpc` }
      const options = { store: memoryStore(), rpc, ...unpaid }
      const gateway = new ARouter({ baseURL: url, maxRetries: 0 })
      return withX402SolanaPayment(gateway, solana, undefined, options).chatCompletion(CHAT, call)
    },
  },
  'a node, for what became of a payment': {
    answer: ({ path, isPaid }, response, { wait }) => {
      if (path === '/rpc') return void wait()
      return isPaid ? void response.writeHead(500).end() : demand(response)
    },
    act: (scene, call) =>
      chat(scene, call, { ...unpaid, rpc: { [evmOffer.network]: `${scene.url}/rpc` } }),
  },
  'a store, for a token': {
    act: (scene, call) =>
      chat(scene, call, { store: slowStore(scene, (key) => key.startsWith('session/')) }),
  },
  'a store, for the journal': {
    answer: (_, response) => demand(response),
    act: (scene, call) =>
      chat(scene, call, { ...unpaid, store: slowStore(scene, (key) => key.startsWith('need/')) }),
  },
  'a store, for the budget': {
    answer: (_, response) => demand(response),
    act: (scene, call) =>
      chat(scene, call, { ...unpaid, store: slowStore(scene, (key) => key.startsWith('budget/')) }),
  },
}

/** Everything a call can wait for. */
export const waits: Readonly<Record<string, Wait>> = Object.fromEntries(
  Object.entries(plays).map(([name, play]) => [
    name,
    {
      isTimed: play.isTimed ?? false,
      isOfAnother: play.isOfAnother ?? false,
      start: (options) => begin(play, options),
    },
  ]),
)

/** A promise that is resolved from outside. */
function opening() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

async function begin({ answer, act }: Play, options: RequestOptions): Promise<Waiting> {
  const gate = opening()
  const begun = opening()
  const counts = { asked: 0, carried: 0 }
  const patience: Partial<Record<'transfer' | 'message', () => Promise<void>>> = {}
  const paths = new Map<string, number>()

  const server = createServer((request, response) => {
    const { url = '', headers } = request
    const isPaid = headers['payment-signature'] !== undefined
    if (isPaid || headers['sign-in-with-x'] !== undefined) counts.carried++
    const before = paths.get(url) ?? 0
    paths.set(url, before + 1)
    request.resume()
    request.on('end', () => {
      if (answer) return answer({ path: url, isPaid, before }, response, scene)
      response.end(url.endsWith('/v1/x402/auth') ? JSON.stringify({ jwt: TOKEN }) : '{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  const asked = async (kind: 'transfer' | 'message') => {
    counts.asked++
    await patience[kind]?.()
  }
  const account = privateKeyToAccount(generatePrivateKey())
  const keys = nacl.sign.keyPair()
  const scene: Scene = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    wait: () => {
      begun.open()
      return gate.opened
    },
    asks: (kind, by) => {
      patience[kind] = by
    },
    account: {
      ...account,
      signTypedData: (async (typedData: Parameters<typeof account.signTypedData>[0]) => {
        await asked('transfer')
        return account.signTypedData(typedData)
      }) as typeof account.signTypedData,
      signMessage: async (message) => {
        await asked('message')
        return account.signMessage(message)
      },
    },
    solana: solanaSigner(keys),
  }
  const call = act(scene, options)
  call.catch(() => undefined)
  return {
    call,
    begun: begun.opened,
    letGo: gate.open,
    asked: () => counts.asked,
    carried: () => counts.carried,
    end: () => {
      gate.open()
      server.closeAllConnections()
      server.close()
    },
  }
}
