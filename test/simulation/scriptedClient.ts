import { createLayers, type WalletOptions } from '../../packages/sdk/src/bindWallets'
import { compose } from '../../packages/sdk/src/compose'
import { createExchange, parseBase, transport } from '../../packages/sdk/src/exchange'
import { retry } from '../../packages/sdk/src/retry'
import '../../packages/sdk/src/walletWork' // Loading it would take real time.
import type { Store } from '../../packages/sdk/src/store/Store'
import type { Fate, Wallet } from '../../packages/sdk/src/wallet'
import type { VirtualRuntime } from '../support/virtualRuntime'
import { base64, termsFor } from './terms'
import { EVM, ORIGIN } from './World'

const { asset: ASSET, network: NETWORK, payTo: PAY_TO, address: PAYER } = EVM

export const PRICE = 1_000_000n

/** A wallet that counts what it is asked for, and a chain that says what it is told to. */
export function scriptedWallet() {
  const asked = { payments: 0, messages: 0, fate: 'unknown' as Fate, isAsking: () => {} }
  const asset = { address: ASSET, symbol: 'USDC', decimals: 6, testnet: false, rpc: '' }
  const wallet: Wallet = {
    namespace: 'eip155',
    address: PAYER,
    networks: { [NETWORK]: asset },
    refuse: () => undefined,
    prepare: async ({ network, asset, amount, payTo }, { now, validity }) => ({
      summary: { network, asset, amount, payTo, from: PAYER },
      expiresAt: now + validity,
      evidence: { nonce: 'n' },
      sign: async () => {
        asked.payments++
        asked.isAsking()
        return { payload: { nonce: asked.payments }, evidence: { nonce: 'n' } }
      },
    }),
    signMessage: async () => {
      asked.messages++
      return 'signed'
    },
    fate: async () => asked.fate,
  }
  return { wallet, asked }
}

/** A client of `wallet`, or of several, on `store`, as a process of its own. */
export function scriptedClient(
  runtime: VirtualRuntime,
  store: Store,
  wallet: Wallet | readonly [Wallet, ...Wallet[]],
  options: WalletOptions = {},
) {
  const base = parseBase(ORIGIN)
  const wallets = 'address' in wallet ? ([wallet] as const) : wallet
  const { interceptors, belowRetries, books } = createLayers(
    { base, runtime, timeout: 10_000 },
    wallets,
    wallets,
    { store, rpc: { [NETWORK]: ['https://rpc.test'] }, ...options },
  )
  if (!books) throw new TypeError('a client that pays has books')
  // Loads the engine, which takes real time.
  void runtime.hold(books.payments.list())
  const layers = [...interceptors, retry(runtime, 0), ...belowRetries]
  const send = compose(layers, transport(runtime))
  return {
    books,
    call: async (path = '/call', init: RequestInit = {}) =>
      send(await createExchange(base, path, init, 10_000)),
  }
}

export function paymentRequired(error?: string): Response {
  return new Response(null, {
    status: 402,
    headers: { 'payment-required': termsFor(PRICE, PAY_TO, error) },
  })
}

/** An answer to a payment, whose receipt carries `jwt` where there is one. */
export function paidAnswer(jwt?: string): Response {
  const receipt = { success: true, transaction: '0xtx', network: NETWORK, payer: PAYER, jwt }
  return new Response('{}', { headers: { 'payment-response': base64(receipt) } })
}

export function isPaid(init: RequestInit | undefined): boolean {
  return new Headers(init?.headers).has('payment-signature')
}

export function tokenOf(init: RequestInit | undefined): string | undefined {
  return new Headers(init?.headers).get('authorization')?.replace('Bearer ', '')
}
