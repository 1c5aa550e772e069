import { createMockGateway } from '@arouter/mock-gateway'
import { faultsOf, measure } from './demo/measure'
import { local, stub } from './demo/onChain'
import type { Result, Step } from './demo/Step'
import { makeSteps } from './demo/steps'
import { table } from './demo/table'

// npm run demo -- --chain local
const isLocal = process.argv.slice(2).join(' ') === '--chain local'
const onChain = isLocal ? await local() : stub
const both = await createMockGateway(onChain.options)
const solanaOnly = await createMockGateway({
  ...onChain.options,
  networks: ['solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'],
})
const count = { signatures: 0 }

const rows: { step: Step; result: Result }[] = []
const wrong: string[] = []
for (const step of await makeSteps({ both, solanaOnly }, count, onChain.fund)) {
  try {
    const result = await measure(step, count)
    rows.push({ step, result })
    wrong.push(...faultsOf(step, result).map((fault) => `${step.name}: ${fault}`))
  } catch (error) {
    wrong.push(`${step.name}: ${error}`)
  }
}
const told = await onChain.tell()
await Promise.all([both.close(), solanaOnly.close()])
await onChain.close()

console.log('New wallets at mock gateways on this machine: no network, no real money.\n')
console.log(table(rows))
if (told) console.log(`\nUSDC on the chains:\n${told}`)
for (const line of wrong) console.error(`FAILED  ${line}`)
if (wrong.length > 0) process.exitCode = 1
else console.log(`\n${rows.length} steps, each as it should be.`)
