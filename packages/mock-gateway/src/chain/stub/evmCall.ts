import type { Hex } from 'viem'
import { decodeFunctionData, encodeFunctionResult } from 'viem'
import { usdcAbi } from '../usdcAbi'
import type { EvmChain } from './evmChain'

/** `eth_call` of the USDC contract. Throws when there is no such contract or function. */
export function evmCall(chain: EvmChain, to: string, data: Hex): Hex {
  if (to.toLowerCase() !== chain.network.asset.toLowerCase()) {
    throw new Error('execution reverted')
  }
  const call = decodeFunctionData({ abi: usdcAbi, data })
  switch (call.functionName) {
    case 'name':
      return encodeFunctionResult({
        abi: usdcAbi,
        functionName: 'name',
        result: chain.network.name,
      })
    case 'version':
      return encodeFunctionResult({
        abi: usdcAbi,
        functionName: 'version',
        result: chain.network.version,
      })
    case 'decimals':
      return encodeFunctionResult({ abi: usdcAbi, functionName: 'decimals', result: 6 })
    case 'balanceOf':
      return encodeFunctionResult({
        abi: usdcAbi,
        functionName: 'balanceOf',
        result: chain.balances.of(call.args[0]),
      })
    case 'authorizationState':
      return encodeFunctionResult({
        abi: usdcAbi,
        functionName: 'authorizationState',
        result: chain.authorizationUsed(call.args[0], call.args[1]),
      })
  }
}
