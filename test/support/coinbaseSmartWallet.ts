import type { ContractWallet, MockGateway } from '@arouter/mock-gateway'
import {
  createPublicClient,
  decodeAbiParameters,
  decodeFunctionData,
  getAddress,
  type Hex,
  hashTypedData,
  http,
  isAddressEqual,
  keccak256,
  parseAbi,
  recoverAddress,
  slice,
} from 'viem'
import { toCoinbaseSmartAccount } from 'viem/account-abstraction'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { base } from 'viem/chains'

const BASE = 'eip155:8453'
const factoryAbi = parseAbi(['function createAccount(bytes[] owners, uint256 nonce) payable'])
const wrapper = [
  {
    type: 'tuple',
    components: [
      { name: 'ownerIndex', type: 'uint256' },
      { name: 'signatureData', type: 'bytes' },
    ],
  },
] as const

/**
 * A Coinbase Smart Wallet of one owner as viem has it, not yet deployed, and at the gateway's chain the
 * factory that would deploy it. Its contract holds as the real one does: the owner's signature over
 * chain, wallet and hash.
 */
export async function coinbaseSmartWallet(gateway: MockGateway, version: '1' | '1.1' = '1.1') {
  const owner = privateKeyToAccount(generatePrivateKey())
  const rpc = gateway.rpc[BASE]
  if (!rpc) throw new Error('the gateway has no Base')
  const client = createPublicClient({ chain: base, transport: http(rpc) })
  const parameters = { client, owners: [owner], version }
  const { factoryData } = await (
    await toCoinbaseSmartAccount({ ...parameters, address: owner.address })
  ).getFactoryArgs()
  const address = addressOf(factoryData ?? '0x')
  const account = await toCoinbaseSmartAccount({ ...parameters, address })
  const wallet = contractOf(owner.address, address)
  gateway.state.deployFactory(BASE, account.factory.address, (data) => {
    const { functionName, args } = decodeFunctionData({ abi: factoryAbi, data })
    const [owners] = args
    const first = owners[0] && slice(owners[0], 12)
    if (functionName !== 'createAccount' || !first) return undefined
    return { address: addressOf(data), wallet: contractOf(first, addressOf(data)) }
  })
  return {
    account,
    owner,
    client,
    deploy: () => gateway.state.deployWallet(BASE, address, wallet),
  }
}

// A stand-in for CREATE2: the same call gives the same address, another call another one.
const addressOf = (data: Hex) => getAddress(slice(keccak256(data), 12))

function contractOf(owner: Hex, wallet: Hex): ContractWallet {
  return async (hash, signature) => {
    const [{ ownerIndex, signatureData }] = decodeAbiParameters(wrapper, signature)
    const replaySafe = hashTypedData({
      domain: {
        name: 'Coinbase Smart Wallet',
        version: '1',
        chainId: base.id,
        verifyingContract: wallet,
      },
      types: { CoinbaseSmartWalletMessage: [{ name: 'hash', type: 'bytes32' }] },
      primaryType: 'CoinbaseSmartWalletMessage',
      message: { hash },
    })
    const signer = await recoverAddress({ hash: replaySafe, signature: signatureData })
    return ownerIndex === 0n && isAddressEqual(signer, owner)
  }
}
