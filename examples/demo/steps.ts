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
): Promise<readonly Step[]> {
  const evm = countingEvmAccount(count)
  const solana = await countingSolanaSigner(count)
  const onBase = withX402EvmPayment(clientOf(both), evm)
  const onSolana = withX402SolanaPayment(clientOf(both), solana)
  return [
    ...chainSteps('Base', both, onBase, evm.address),
    ...chainSteps('Solana', both, onSolana, solana.address),
    await bothChains('both chains: pays on Base where either will do', both, 'evm', count),
    await bothChains('both chains: pays on Solana where it must', solanaOnly, 'solana', count),
  ]
}

/** One client with two new wallets, cold, and the wallet that must have paid. */
async function bothChains(
  name: string,
  gateway: MockGateway,
  payer: 'evm' | 'solana',
  count: SignatureCount,
): Promise<Step> {
  const signers = { evm: countingEvmAccount(count), solana: await countingSolanaSigner(count) }
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
