import { createMockGateway } from '@arouter/mock-gateway'
import { ARouter, withX402EvmPayment, withX402Payment, withX402SolanaPayment } from '@arouter/sdk'
import { ask, COLD, chainSteps } from './demo/chainSteps'
import { countingEvmAccount, countingSolanaSigner } from './demo/countingWallets'
import { faultsOf, measure } from './demo/measure'
import type { Result, Step } from './demo/Step'
import { table } from './demo/table'

const SOLANA = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'

const count = { signatures: 0 }
const gateway = await createMockGateway()
const solanaOnly = await createMockGateway({ networks: [SOLANA] })
const evm = countingEvmAccount(count)
const solana = await countingSolanaSigner(count)

const clientOf = ({ url }: { readonly url: string }) => new ARouter({ baseURL: url, apiKey: '' })
const onBase = withX402EvmPayment(clientOf(gateway), evm)
const onSolana = withX402SolanaPayment(clientOf(gateway), solana)

/** One client with two new wallets, cold, and the wallet that must have paid. */
async function bothChains(
  name: string,
  at: typeof gateway,
  payer: 'evm' | 'solana',
): Promise<Step> {
  const signers = { evm: countingEvmAccount(count), solana: await countingSolanaSigner(count) }
  const client = withX402Payment(clientOf(at), {
    evm: { signer: signers.evm },
    solana: { signer: signers.solana },
  })
  const act = async () => {
    const answer = await ask(client, name)
    const paid = at.state.payments.at(-1)?.payer
    return paid === signers[payer].address ? answer : `paid by ${paid}`
  }
  return { name, gateway: at, cost: COLD, act }
}

const steps: readonly Step[] = [
  ...chainSteps('Base', gateway, onBase, evm.address),
  ...chainSteps('Solana', gateway, onSolana, solana.address),
  await bothChains('both chains: pays on Base where either will do', gateway, 'evm'),
  await bothChains('both chains: pays on Solana where it must', solanaOnly, 'solana'),
]

const rows: { step: Step; result: Result }[] = []
const wrong: string[] = []
for (const step of steps) {
  try {
    const result = await measure(step, count)
    rows.push({ step, result })
    wrong.push(...faultsOf(step, result).map((fault) => `${step.name}: ${fault}`))
  } catch (error) {
    wrong.push(`${step.name}: ${error}`)
  }
}
await Promise.all([gateway.close(), solanaOnly.close()])

console.log(`A mock gateway at ${gateway.url}, an EVM wallet ${evm.address},`)
console.log(`a Solana wallet ${solana.address}. No network, no real money.\n`)
console.log(table(rows))
for (const line of wrong) console.error(`FAILED  ${line}`)
if (wrong.length > 0) process.exitCode = 1
else console.log(`\n${rows.length} steps, each as it should be.`)
