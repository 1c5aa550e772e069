import { isObject, type JsonObject } from '../../encoding'

/** One thing that is sold. */
export type SolrouterResource = {
  readonly method: string
  readonly path: string
  /** As it is written, such as `$0.02`: what is paid is what the 402 asks for, within the wallet's limits. */
  readonly price: string | undefined
}

/** What Solrouter tells of what it sells: hints, for people and for logs. Nothing is paid by them. */
export type SolrouterHints = {
  readonly network: string | undefined
  readonly asset: string | undefined
  readonly payTo: string | undefined
  readonly resources: readonly SolrouterResource[]
}

const MOST = 256
const LONGEST = 200

/** Reads `/.well-known/x402`, whose form is published nowhere: what cannot be read is left out. */
export function readHints(manifest: unknown): SolrouterHints {
  const { network, asset, payTo, resources } = isObject(manifest) ? manifest : {}
  const entries: readonly unknown[] = Array.isArray(resources) ? resources.slice(0, MOST) : []
  return {
    network: textOf(network),
    asset: textOf(asset),
    payTo: textOf(payTo),
    resources: entries.filter(isObject).flatMap((entry) => readResource(entry) ?? []),
  }
}

function readResource({ method, path, price }: JsonObject): SolrouterResource | undefined {
  const where = textOf(path)
  if (!where?.startsWith('/')) return undefined
  const cost = typeof price === 'number' && Number.isFinite(price) ? String(price) : textOf(price)
  return { method: textOf(method)?.toUpperCase() ?? 'POST', path: where, price: cost }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= LONGEST ? value : undefined
}
