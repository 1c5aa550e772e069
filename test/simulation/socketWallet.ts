import { Keypair } from '@solana/web3.js'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import type { Wallet } from '../../packages/sdk/src/wallet'
import { evmSigner } from '../../packages/x402-evm/src/index'
import { solanaSigner } from '../../packages/x402-solana/src/index'
import type { Holder } from './Holder'
import type { Ledger } from './ledger'
import type { Touch } from './Wire'
import type { Paid, World } from './World'

/** A wallet with a key of its own: each process of a schedule opens it anew. */
export function createKey(namespace: Holder['namespace']): () => Wallet {
  if (namespace === 'solana') {
    const keypair = Keypair.generate()
    return () => solanaSigner(keypair)
  }
  const account = privateKeyToAccount(generatePrivateKey())
  return () => evmSigner(account)
}

/** What a signed payment's payload is known by to the gateway, and in a header. */
export function keyOf(payload: unknown): string {
  const { authorization, transaction } = payload as {
    readonly authorization?: { readonly nonce: string }
    readonly transaction?: string
  } // as the chain packages write it
  return authorization?.nonce ?? transaction ?? ''
}

export type Watch = {
  readonly world: World
  readonly ledger: Ledger
  readonly touch: Touch
  /** Takes over what the gateway knows by now. */
  readonly look: () => void
  readonly onPaid: (key: string, payment: Paid) => void
}

/** `wallet` in `process`, with the oracles looking at whatever it is asked for. */
export function watched(wallet: Wallet, holder: Holder, process: string, watch: Watch): Wallet {
  const { world, ledger, touch, look, onPaid } = watch
  const { plan, timeline } = world
  const ask = <T>(what: string, act: () => Promise<T>) =>
    touch(what, world.calm ? 0 : plan.walletDelay, () => {
      if (world.goesWrong(plan.walletFaults)) throw new Error('unplugged')
      return act()
    })
  return {
    ...wallet,
    prepare: (terms, context) =>
      touch('prepare', 0, async () => {
        // The wallet keeps a blockhash of its own for a while of real time, which passes too slowly.
        const rpc = holder.namespace === 'solana' ? [] : context.rpc
        const prepared = await wallet.prepare(terms, { ...context, rpc })
        const sign = () => {
          look()
          ledger.onAsk(holder, process, context.signal, terms.amount)
          return ask('sign', async () => {
            const signed = await prepared.sign()
            if (terms.payTo !== holder.payTo) world.fail('signed for another payee', terms.payTo)
            const { nonce, signature, validBefore } = signed.evidence
            const signedAt = timeline.now()
            // Nobody is told when a blockhash of the stub chain ends: no oracle takes it for alive.
            const endsAt = validBefore === undefined ? signedAt : Number(validBefore) * 1000
            const mark = nonce ?? signature ?? ''
            const payment: Paid = { holder, mark, amount: terms.amount, endsAt, signedAt, process }
            world.log(() => `${process} signs ${mark}`)
            ledger.onSign(payment)
            onPaid(keyOf(signed.payload), payment)
            return signed
          })
        }
        return { ...prepared, sign }
      }),
    signMessage: (message) => ask('sign in', () => wallet.signMessage(message)),
  }
}
