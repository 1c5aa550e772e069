import type { MockGateway } from '../createMockGateway'
import { createMockGateway } from '../createMockGateway'
import type { MockGatewayOptions } from '../options'
import type { Signed, WalletScript } from './countingWallets'
import { countingWallets } from './countingWallets'
import type { Fetch, PayerFactory, Wallets } from './Payer'
import type { Reply, Seen, Site } from './site'
import { openSite } from './site'
import type { Till } from './till'

/** Where one scenario is played: fresh wallets, servers that close with it, and the payer. */
export interface Stage {
  readonly till: Till
  readonly wallets: Wallets
  /** All that the wallets have signed. */
  readonly signed: readonly Signed[]
  /** A hand-made server. What `answer` leaves open gets the chain's answer, or 404. */
  serve(answer: (seen: Seen) => Reply | undefined | Promise<Reply | undefined>): Promise<Site>
  /** A mock gateway that asks for $0.10 at a time and charges $0.05 a request. */
  gateway(options?: MockGatewayOptions): Promise<MockGateway>
  /** The payer at a base URL. One that cannot be made refuses every call. */
  payer(baseURL: string): Promise<Fetch>
  /** Writes what the wallets return in the place of signatures. */
  script(answer: NonNullable<WalletScript['answer']>): void
}

/** Sets a stage; `close` closes every server on it. */
export async function openStage(
  factory: PayerFactory,
  till: Till,
): Promise<Stage & { close(): Promise<void> }> {
  let scripted: WalletScript['answer']
  const { wallets, signed } = await countingWallets({
    answer: (kind, signature) => (scripted ? scripted(kind, signature) : signature),
  })
  const closers: (() => unknown)[] = []
  return {
    till,
    wallets,
    signed,
    serve: async (answer) => {
      const site = await openSite(async (seen) => {
        if (seen.path.startsWith('/rpc/')) return till.rpc(seen)
        return (await answer(seen)) ?? { status: 404, body: 'there is nothing here' }
      })
      closers.push(site.close)
      return site
    },
    gateway: async (options) => {
      const gateway = await createMockGateway({ topUps: ['$0.10'], price: '$0.05', ...options })
      closers.push(gateway.close)
      return gateway
    },
    payer: async (baseURL) => {
      try {
        return await factory(baseURL, wallets)
      } catch (error) {
        return () => Promise.reject(error)
      }
    },
    script: (answer) => {
      scripted = answer
    },
    close: async () => {
      await Promise.all(closers.map((close) => close()))
    },
  }
}
