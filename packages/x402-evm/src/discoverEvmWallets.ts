import type { Eip1193Provider } from './eip1193'
import { field } from './field'

/** A wallet that announced itself to the page (EIP-6963). Anything in it but `provider` is its own claim. */
export type DiscoveredEvmWallet = {
  /** The same for one wallet while the page lives. */
  readonly uuid: string
  readonly name: string
  /** A `data:` URI of an image, or undefined. Show it through `<img>` only: an SVG may hold scripts. */
  readonly icon: string | undefined
  /** Reverse DNS name, such as `io.metamask`: the same in each session. */
  readonly rdns: string
  readonly provider: Eip1193Provider
}

/** A list that grows while wallets announce themselves. */
export type EvmWalletDiscovery = {
  /** Those found so far: another array after each change, the same until then. */
  readonly wallets: () => readonly DiscoveredEvmWallet[]
  /** Calls `listener` after each change; returns what ends that. */
  readonly subscribe: (listener: () => void) => () => void
  /** Listens to wallets no more. */
  readonly stop: () => void
}

/** Finds the page's EVM wallets by EIP-6963. Where there is no `window` the list stays empty. */
export function discoverEvmWallets(): EvmWalletDiscovery {
  let found: readonly DiscoveredEvmWallet[] = []
  const listeners = new Set<() => void>()
  const announced = (event: Event) => {
    const wallet = 'detail' in event ? readWallet(event.detail) : undefined
    if (wallet === undefined || found.some(({ uuid }) => uuid === wallet.uuid)) return
    found = [...found, wallet]
    for (const listener of listeners) listener()
  }
  const page = globalThis.window
  page?.addEventListener('eip6963:announceProvider', announced)
  page?.dispatchEvent(new Event('eip6963:requestProvider'))
  return {
    wallets: () => found,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop: () => {
      listeners.clear()
      page?.removeEventListener('eip6963:announceProvider', announced)
    },
  }
}

function readWallet(detail: unknown): DiscoveredEvmWallet | undefined {
  const provider = field(detail, 'provider')
  const [uuid, name, rdns, icon] = ['uuid', 'name', 'rdns', 'icon'].map((key) =>
    field(field(detail, 'info'), key),
  )
  if (!isText(uuid) || !isText(name) || !isText(rdns) || !isProvider(provider)) return undefined
  const image = isText(icon) && /^data:image\//i.test(icon) ? icon : undefined
  return { uuid, name, icon: image, rdns, provider }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

const isProvider = (value: unknown): value is Eip1193Provider =>
  typeof field(value, 'request') === 'function'
