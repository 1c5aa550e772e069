import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMockGateway } from '@arouter/mock-gateway'
import { localChain } from '@arouter/mock-gateway/local'
import { fileStore } from '@arouter/sdk/node'
import { generatePrivateKey } from 'viem/accounts'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { ProcessScript } from '../processes/buildProcess'
import { buildAgent, startAgent } from '../processes/startAgent'
import type { Task } from '../processes/tasks'
import { chanceFrom } from '../simulation/Chance'
import { noteStore } from '../support/books/notedStores'
import { threeBooks } from '../support/books/threeBooks'
import { buildGateway, startGatewayProcess } from './startGatewayProcess'

const chains = {
  anvil: { network: 'eip155:8453', isSolana: false },
  LiteSVM: { network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp', isSolana: true },
} as const
/** Of clients, and as many of the gateway. */
const KILLS = 50
/** How many orders are under way at a time. */
const LANES = 4
/** Orders that share a file store. */
const PER_FOLDER = 10
/** A process is killed at a moment within so long (ms): what one order takes on a quiet machine, and a half more. */
const LONGEST = { client: 600, gateway: 900 } as const
/** How often an order is asked for again while gateways come and go. */
const MOST_TRIES = 300
const PRICE = 1_000_000n

let agentScript: ProcessScript
let gatewayScript: ProcessScript

beforeAll(async () => {
  ;[agentScript, gatewayScript] = await Promise.all([buildAgent(), buildGateway()])
})

afterAll(() => {
  agentScript.remove()
  gatewayScript.remove()
})

for (const [name, { network, isSolana }] of Object.entries(chains)) {
  test(`on ${name}, ${KILLS} kills of clients and ${KILLS} of the gateway leave three books that agree, with one payment an order`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'arouter-killed-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    // The chain is a third process, and outlives all others.
    const chain = localChain()
    onTestFinished(chain.close)
    const nodes = await chain.start([network])
    const kept = { networks: [network], stateFile: join(folder, 'gateway.json') } as const
    const options = { ...kept, chain: localChain({ nodes }) }
    const first = await createMockGateway(options)
    const { url } = first
    const books = await threeBooks(first)
    await first.close()
    const port = Number(new URL(url).port)
    const gatewayTask = { ...kept, port, nodes }

    const chance = chanceFrom(1)
    const killed = { clients: 0, gateways: 0 }
    /** Gateways killed since an order was served: on a busy machine each lives longer than the one before. */
    let inVain = 0
    const isOver = () => killed.clients >= KILLS && killed.gateways >= KILLS
    const finisher = await startAgent(agentScript)
    const tasks: Task[] = []

    const order = async () => {
      const id = tasks.length
      const place = {
        kind: 'file',
        folder: join(folder, String(Math.floor(id / PER_FOLDER))),
      } as const
      const solana = isSolana && { solana: nodes }
      const task = { id, gateway: url, key: generatePrivateKey(), place, calls: 1, ...solana }
      tasks.push(task)
      const client = await startAgent(agentScript)
      const run = client.run(task)
      await pause(chance.next() * LONGEST.client)
      await client.kill()
      await run
      killed.clients += 1
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const done = await finisher.run(task)
        if (done === 'killed') throw new Error('the process that finishes was killed')
        if (done.answered === 1) {
          inVain = 0
          return
        }
        await pause(100)
      }
      throw new Error(`order ${id} was never served`)
    }
    const lane = async () => {
      while (!isOver()) await order()
    }
    const orders = Promise.all(Array.from({ length: LANES }, lane))
    let isDone = false
    const done = () => {
      isDone = true
    }
    orders.then(done, done)
    // The next one is up before the last one is dead: what it loads takes longer than most orders.
    let next = startGatewayProcess(gatewayScript)
    while (!isDone) {
      const gateway = await next
      next = startGatewayProcess(gatewayScript)
      await gateway.listen(gatewayTask)
      await (isOver() ? orders : pause(chance.next() * LONGEST.gateway * (1 + inVain / LANES)))
      await gateway.kill()
      killed.gateways += 1
      inVain += 1
    }
    await Promise.all([orders, next.then(({ kill }) => kill())])
    await finisher.kill()

    for (const at of new Set(
      tasks.map(({ place }) => (place.kind === 'file' ? place.folder : '')),
    )) {
      noteStore(fileStore(at))
    }
    const last = await createMockGateway({ ...options, port })
    onTestFinished(last.close)
    const { differences, remarks } = await books.compare(last)
    expect(differences).toEqual([])
    // Served from credit before anybody had to know: the next need, or `reconcile`, closes these.
    const isOpen = (text: string) => /as (?:signed|unknown); the chain has taken it\.$/.test(text)
    expect(remarks.filter((text) => !isOpen(text))).toEqual([])
    const transfers = await last.state.transfers(network)
    expect(transfers).toHaveLength(tasks.length)
    expect(new Set(transfers.map(({ from }) => from)).size).toBe(tasks.length)
    expect(transfers.every(({ amount }) => amount === PRICE)).toBe(true)
    const found = last.state.payments.filter(({ path }) => path === '').length
    process.stdout.write(
      `${name}: ${tasks.length} orders, ${killed.clients} kills of clients, ${killed.gateways} of the gateway; ${transfers.length} payments, ${found} of them found on the chain after a kill; 0 differences\n`,
    )
  }, 600_000)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
