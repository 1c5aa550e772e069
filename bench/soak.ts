import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ARouter, withX402EvmPayment } from '@arouter/sdk'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { collectGarbage, countUnhandled, growth } from './heap'
import type { GatewayReport } from './soakGateway'
import { PRICE, TOP_UP } from './soakTerms'

/*
 * An hour's traffic and more through one client, over sockets, against a gateway in a process of its own:
 * npm run soak -- --calls 1000000
 */

const CONCURRENCY = 64
const SAMPLES = 25
/** The first samples are of a heap that caches still fill. */
const WARM_UP = 5
const MOST_MB = 1

const { values } = parseArgs({ options: { calls: { type: 'string', default: '1000000' } } })
const calls = Number(values.calls)
const unhandled = countUnhandled()

const here = fileURLToPath(new URL('.', import.meta.url))
const gateway = fork(`${here}soakGateway.ts`, { execArgv: process.execArgv })
const [baseURL]: string[] = await once(gateway, 'message')
const account = privateKeyToAccount(generatePrivateKey())
let signatures = 0
const client = withX402EvmPayment(
  new ARouter({ baseURL: baseURL ?? '', apiKey: '' }),
  {
    address: account.address,
    signMessage: account.signMessage,
    signTypedData: (data: Parameters<typeof account.signTypedData>[0]) => {
      signatures += 1
      return account.signTypedData(data)
    },
  },
  { budget: { limit: '$1000' } },
)

const heaps: { ours: [number, number][]; theirs: [number, number][] } = { ours: [], theirs: [] }
const perSample = Math.ceil(calls / SAMPLES)
let sent = 0
let wrong = 0
const started = performance.now()

/** One call: an answer that is another call's is wrong, as is a failure. */
async function call(): Promise<void> {
  const content = `call ${sent++}`
  try {
    const messages = [{ role: 'user' as const, content }]
    const { choices } = await client.chatCompletion({ model: 'arouter/echo', messages })
    if (choices[0]?.message.content !== content) wrong += 1
  } catch (error) {
    wrong += 1
    console.error(error)
  }
}

async function reportOf(): Promise<GatewayReport> {
  gateway.send('report')
  const [report]: GatewayReport[] = await once(gateway, 'message')
  if (!report) throw new Error('the gateway said nothing')
  return report
}

while (sent < calls) {
  const until = Math.min(calls, sent + perSample)
  const run = async () => {
    while (sent < until) await call()
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, run))
  const { heap } = await reportOf()
  heaps.ours.push([sent, await collectGarbage()])
  heaps.theirs.push([sent, heap])
  const seconds = (performance.now() - started) / 1000
  const [ours, theirs] = [heaps.ours, heaps.theirs].map((all) => megabytes(all.at(-1)?.[1] ?? 0))
  console.log(`${sent} calls, ${seconds.toFixed(0)} s, heaps ${ours} and ${theirs} MB`)
}

const report = await reportOf()
gateway.kill()
const due = Math.ceil((calls * Number(PRICE)) / Number(TOP_UP))
const slope = megabytes(growth(heaps.ours.slice(WARM_UP)))
const theirs = megabytes(growth(heaps.theirs.slice(WARM_UP)))
const duplicates = Math.max(report.payments, signatures) - due
console.log(`
${calls} calls in ${((performance.now() - started) / 1000).toFixed(0)} s, ${wrong} wrong or failed
heap slope over all calls   ${slope} MB (gateway: ${theirs} MB)
payments                    ${report.payments}, ${signatures} signed, ${due} due
sign-ins                    ${report.signIns}
duplicates                  ${duplicates}
unhandled                   ${unhandled() + report.unhandled}`)

const isGood =
  Number(slope) < MOST_MB &&
  Number(theirs) < MOST_MB &&
  duplicates === 0 &&
  wrong === 0 &&
  report.holds &&
  unhandled() + report.unhandled === 0
process.exitCode = isGood ? 0 : 1

function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(2)
}
