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

/** A bundle, and what it may weigh in KiB after gzip. */
type Budget = {
  readonly name: string
  readonly contents: string
  readonly limit: number
  /** Of what the limit holds: what a page loads at its start, or that and all it loads on demand. */
  readonly of: keyof BundleSize
  /** What is in it anyway. */
  readonly without?: string
  /** The official client for the same. */
  readonly beside?: string
  /** `reported`: a bundle over the limit is no failure yet. */
  readonly limitIs: 'enforced' | 'reported'
}

const budgets: readonly Budget[] = [
  {
    name: 'ARouter with a local viem account, at the start',
    contents: OURS,
    limit: 40,
    of: 'atStart',
    limitIs: 'enforced',
  },
  {
    name: 'ARouter + MetaMask, all chunks',
    contents: METAMASK,
    limit: 15,
    of: 'inAll',
    beside: OFFICIAL_METAMASK,
    limitIs: 'reported',
  },
  {
    name: 'ARouter + MetaMask + Phantom, all chunks',
    contents: BOTH,
    limit: 24,
    of: 'inAll',
    beside: OFFICIAL_BOTH,
    limitIs: 'reported',
  },
  {
    name: 'the React binding, beyond what it uses',
    contents: BOUND,
    limit: 3,
    of: 'inAll',
    without: UNBOUND,
    limitIs: 'reported',
  },
]

for (const { name, contents, limit, of, without, beside, limitIs } of budgets) {
  const anyway = without === undefined ? 0 : (await bundleSize(without))[of]
  const size = (await bundleSize(contents))[of] - anyway
  const official =
    beside && `; the official client ${(await bundleSize(beside))[of].toFixed(1)} KiB`
  const verdict = size > limit ? ', OVER' : ''
  console.log(`${name}: ${size.toFixed(1)} KiB gzip, at most ${limit}${verdict}${official ?? ''}`)
  if (verdict && limitIs === 'enforced') process.exitCode = 1
}
