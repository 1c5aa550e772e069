import { generateKeyPairSigner } from '@solana/kit'
import { x402Facilitator } from '@x402/core/facilitator'
import type { Network, PaymentRequirements } from '@x402/core/types'
import { toFacilitatorEvmSigner } from '@x402/evm'
import { ExactEvmScheme } from '@x402/evm/exact/facilitator'
import { ExactSvmScheme } from '@x402/svm/exact/facilitator'
import { keccak256 } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

const evmNetworks: Network[] = ['eip155:8453', 'eip155:84532']
const solanaNetworks: Network[] = [
  'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
  'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
]
const tokens = [
  '0x833589fcd6edb6e08f4c7c32d4f71b54bda02913',
  '0x036cbd53842c5426634e7929541ec2318f3dcf7e',
]

/** The official facilitator on a chain where everybody is rich: its checks of form and signature are real. */
export async function officialFacilitator() {
  const { address } = privateKeyToAccount(generatePrivateKey())
  const feePayer = await generateKeyPairSigner()
  const evm = toFacilitatorEvmSigner({
    address,
    getCode: async ({ address }) => (tokens.includes(address.toLowerCase()) ? '0x6080' : '0x'),
    readContract: async () => undefined,
    verifyTypedData: async () => false,
    writeContract: async () => keccak256('0x01'),
    sendTransaction: async () => keccak256('0x01'),
    waitForTransactionReceipt: async () => ({ status: 'success' }),
  })
  const solana = {
    getAddresses: () => [feePayer.address],
    signTransaction: async (transaction: string) => transaction,
    simulateTransaction: async () => undefined,
    sendTransaction: async () => '1'.repeat(64),
    confirmTransaction: async () => undefined,
  }
  const facilitator = new x402Facilitator()
    .register(evmNetworks, new ExactEvmScheme(evm))
    .register(solanaNetworks, new ExactSvmScheme(solana))
  const verify = (payload: Readonly<Record<string, unknown>>, requirements: PaymentRequirements) =>
    facilitator.verify(
      {
        x402Version: 2,
        resource: { url: 'https://gateway.test', description: '', mimeType: '' },
        accepted: requirements,
        payload,
      },
      requirements,
    )
  return { feePayer: feePayer.address, verify }
}
