import type { PaymentIntent } from '../../../packages/sdk/src/payment/policy'
import type { Wallet } from '../../../packages/sdk/src/wallet'
import { refuseTerms as refuseOnBase } from '../../../packages/x402-evm/src/refuseTerms'
import { refuseTerms as refuseOnSolana } from '../../../packages/x402-solana/src/refuseTerms'
import type { Step } from './Process'
import { isPast, type Scene } from './Scene'

/**
 * A wallet whose signatures cost nothing, and which tells what no wallet should have been asked for.
 * `approved` has what its owner agreed to, where that is asked.
 */
export function openWallet(
  name: string,
  scene: Scene,
  step: Step,
  approved: PaymentIntent[] | undefined,
): Wallet {
  const { holder, signed, plan, goesWrong } = scene
  const { namespace, network, asset, address, payTo } = holder
  const usdc = { address: asset, symbol: 'USDC', decimals: 6, testnet: false, rpc: '' }
  const refuse = namespace === 'solana' ? refuseOnSolana : refuseOnBase
  return {
    namespace,
    address,
    networks: { [network]: usdc },
    refuse: (terms) => refuse(terms, address),
    prepare: (terms, { now, validity }) =>
      step(() => {
        const { amount } = terms
        const nonce = `n${signed.size}-${scene.chance.between(0, 999_999)}`
        const isMeant = terms.network === network && terms.asset === asset && terms.payTo === payTo
        if (!isMeant)
          scene.fail('signed other terms', JSON.stringify({ ...terms, amount: `${amount}` }))
        const summary = { network, asset, amount, payTo: terms.payTo, from: address }
        const sign = () =>
          step(() => {
            const at = approved?.findIndex(
              (intent) => intent.amount === amount && intent.payTo === payTo,
            )
            if (at === -1) scene.fail('signed what nobody agreed to', nonce)
            else if (at !== undefined) approved?.splice(at, 1)
            const validBefore = now + validity
            signed.set(nonce, { nonce, amount, validBefore, settled: false, arrived: false })
            scene.count('signed')
            scene.log(() => `${name} signs ${nonce} for ${amount}`)
            return { payload: { nonce, signature: `signed ${nonce}` }, evidence: { nonce } }
          })
        return { summary, expiresAt: now + validity, evidence: { nonce }, sign }
      }),
    signMessage: () => step(() => 'signed'),
    fate: async ({ nonce }) => {
      const paid = signed.get(String(nonce))
      if (!paid || goesWrong(plan.rpcFaults)) return 'unknown'
      if (paid.settled) return 'settled'
      return isPast(paid, scene.seconds()) ? 'dead' : 'unknown'
    },
  }
}
