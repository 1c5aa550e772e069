import {
  BOTH,
  BOUND,
  type BundleSize,
  bundleSize,
  METAMASK,
  OFFICIAL_BOTH,
  OFFICIAL_METAMASK,
  OURS,
  UNBOUND,
} from './bundle'

/** A bundle, and what it may weigh in KiB after gzip: over its limit is a failure. */
type Budget = {
  readonly name: string
  readonly contents: string
  readonly limit: number
  /** What it ought to weigh, where the limit is only what it weighs by now: the limit goes down, never up. */
  readonly target?: number
  /** Of what the limit holds: what a page loads at its start, or that and all it loads on demand. */
  readonly of: keyof BundleSize
  /** What is in it anyway. */
  readonly without?: string
  /** The official client for the same. */
  readonly beside?: string
}

const budgets: readonly Budget[] = [
  {
    name: 'ARouter with a local viem account, at the start',
    contents: OURS,
    limit: 40,
    of: 'atStart',
  },
  {
    name: 'ARouter + MetaMask, all chunks',
    contents: METAMASK,
    limit: 38,
    target: 15,
    of: 'inAll',
    beside: OFFICIAL_METAMASK,
  },
  {
    name: 'ARouter + MetaMask + Phantom, all chunks',
    contents: BOTH,
    limit: 45.5,
    target: 24,
    of: 'inAll',
    beside: OFFICIAL_BOTH,
  },
  {
    name: 'the React binding, beyond what it uses',
    contents: BOUND,
    limit: 3,
    of: 'inAll',
    without: UNBOUND,
  },
]

for (const { name, contents, limit, target, of, without, beside } of budgets) {
  const anyway = without === undefined ? 0 : (await bundleSize(without))[of]
  const size = (await bundleSize(contents))[of] - anyway
  const wanted = target && `, to become ${target}`
  const official =
    beside && `; the official client ${(await bundleSize(beside))[of].toFixed(1)} KiB`
  const isOver = size > limit
  console.log(
    `${name}: ${size.toFixed(1)} KiB gzip, at most ${limit}${isOver ? ', OVER' : ''}${wanted ?? ''}${official ?? ''}`,
  )
  if (isOver) process.exitCode = 1
}
