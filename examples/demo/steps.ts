import type { MockGateway } from '@arouter/mock-gateway'
import { ARouter, withX402EvmPayment, withX402Payment, withX402SolanaPayment } from '@arouter/sdk'
import { ask, COLD, chainSteps } from './chainSteps'
import { countingEvmAccount, countingSolanaSigner, type SignatureCount } from './countingWallets'
import type { Step } from './Step'

/** Where the demo takes place. */
export type Gateways = {
  /** Takes payments on both chains. */
  readonly both: MockGateway
  readonly solanaOnly: MockGateway
}

/** All steps, in order: the later ones go on from what the earlier ones left. */
export async function makeSteps(
  { both, solanaOnly }: Gateways,
  count: SignatureCount,
  fund: (address: string) => Promise<void>,
): Promise<readonly Step[]> {
  const evm = countingEvmAccount(count)
  const solana = await countingSolanaSigner(count)
  for (const { address } of [evm, solana]) await fund(address)
  const pair = async () => {
    const signers = { evm: countingEvmAccount(count), solana: await countingSolanaSigner(count) }
    for (const { address } of Object.values(signers)) await fund(address)
    return signers
  }
  const onBase = withX402EvmPayment(clientOf(both), evm)
  const onSolana = withX402SolanaPayment(clientOf(both), solana)
  return [
    ...chainSteps('Base', both, onBase, evm.address),
    ...chainSteps('Solana', both, onSolana, solana.address),
    bothChains('both chains: pays on Base where either will do', both, 'evm', await pair()),
    bothChains('both chains: pays on Solana where it must', solanaOnly, 'solana', await pair()),
  ]
}

type Signers = {
  readonly evm: ReturnType<typeof countingEvmAccount>
  readonly solana: Awaited<ReturnType<typeof countingSolanaSigner>>
}

/** One client with two new wallets, cold, and the wallet that must have paid. */
function bothChains(
  name: string,
  gateway: MockGateway,
  payer: 'evm' | 'solana',
  signers: Signers,
): Step {
  const client = withX402Payment(clientOf(gateway), {
    evm: { signer: signers.evm },
    solana: { signer: signers.solana },
  })
  const act = async () => {
    const answer = await ask(client, name)
    const paid = gateway.state.payments.at(-1)?.payer
    return paid === signers[payer].address ? answer : `paid by ${paid}`
  }
  return { name, gateway, cost: COLD, act }
}

function clientOf({ url }: MockGateway): ARouter {
  return new ARouter({ baseURL: url, apiKey: '' })
}
