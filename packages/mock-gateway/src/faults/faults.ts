import { GatewayConfigError } from '../GatewayConfigError'
import type { FaultKind, Hop } from './kinds'
import { faultKinds, isFaultKind, needsLocalChain } from './kinds'
import { seededRandom } from './seededRandom'

/** Which exchange a fault is for, and how it misbehaves. */
export interface FaultOptions {
  /** How many times it strikes. Default 1. */
  readonly times?: number
  /** How many exchanges it lets pass first. Default 0. */
  readonly skip?: number
  /** Only requests whose path starts with this. */
  readonly path?: string
  /** Only requests that carry this. */
  readonly carrying?: 'nothing' | 'token' | 'payment'
  /** Status of the answer. */
  readonly status?: number
  /** Retry-After, to the letter. */
  readonly retryAfter?: string
  /** Location of a redirect; another origin is allowed. */
  readonly location?: string
  /** PAYMENT-REQUIRED, to the letter; empty means no such header. */
  readonly header?: string
  /** Body of a bad challenge, to the letter. */
  readonly body?: string
  /** Fields of a spoofed receipt. */
  readonly receipt?: Readonly<Record<string, unknown>>
  /** Whether an answer after settlement keeps its receipt. Default `kept`. */
  readonly keeps?: 'receipt' | 'nothing'
  /** Events that are streamed before it strikes. Default 2. */
  readonly events?: number
  /** Bytes per piece of a slow answer. Default 1. */
  readonly bytes?: number
  /** Milliseconds between pieces of a slow answer. Default 20. */
  readonly every?: number
  /** Milliseconds until a late settlement lands; without it, on the next advance. */
  readonly after?: number
  /** Blocks that are undone, or by which what is final trails. Default 1 and 32. */
  readonly blocks?: number
  /** Whether a late settlement is credited when it lands. Default `tenant`. */
  readonly credits?: 'tenant' | 'nobody'
}

/** A fault that struck. */
export interface Fault extends FaultOptions {
  readonly kind: FaultKind
}

/** What a fault can tell exchanges apart by. */
export interface FaultTarget {
  readonly path: string
  readonly carrying: 'nothing' | 'token' | 'payment'
}

/** Faults to come: scripted ones first, then by chance. */
export interface Faults {
  /** Makes the next matching exchange suffer `kind`. Throws GatewayConfigError for an unknown kind, or one that no stub chain has. */
  next(kind: FaultKind, options?: FaultOptions): void
  /** Makes each exchange suffer each kind with its probability, as `seed` decides. */
  random(probabilities: Partial<Record<FaultKind, number>>, seed: number): void
  /** Forgets all faults to come. */
  clear(): void
}

/** The side of {@link Faults} that the gateway asks at each hop. */
export interface FaultSource extends Faults {
  take(hop: Hop, target: FaultTarget): Fault | undefined
  /** Whether any fault to come strikes at a hop. */
  expects(hop: Hop): boolean
  /** Makes each exchange suffer one kind with this probability, and leaves the others as they are. */
  setChance(kind: FaultKind, probability: number): void
  coming(): FaultsToCome
}

/** Faults to come: how many of each kind are scripted, and with which probability others strike. */
export interface FaultsToCome extends Readonly<Record<string, unknown>> {
  readonly scripted: Readonly<Partial<Record<FaultKind, number>>>
  readonly chances: Readonly<Partial<Record<FaultKind, number>>>
}

type Scripted = Fault & { left: number; toSkip: number }

/** No faults to come; `onStrike` is told of each one that strikes. */
export function createFaults(
  onStrike: (fault: Fault, target: FaultTarget) => void,
  chain: 'stub' | 'local' = 'local',
): FaultSource {
  const script: Scripted[] = []
  const chances = new Map<FaultKind, number>()
  let chance = seededRandom(0)

  const assertPossible = (kind: FaultKind) => {
    if (chain === 'local' || !needsLocalChain(kind)) return
    throw new GatewayConfigError(`the fault '${kind}' needs a local chain`)
  }
  const scripted = (hop: Hop, target: FaultTarget): Fault | undefined => {
    for (const entry of script) {
      if (faultKinds[entry.kind] !== hop || !matches(entry, target)) continue
      if (entry.toSkip > 0) {
        entry.toSkip -= 1
        continue
      }
      entry.left -= 1
      if (entry.left <= 0) script.splice(script.indexOf(entry), 1)
      return entry
    }
    return undefined
  }
  const byChance = (hop: Hop): Fault | undefined => {
    let struck: Fault | undefined
    // Every kind of the hop draws a number, so that one probability does not shift the others.
    for (const [kind, probability] of chances) {
      if (faultKinds[kind] === hop && chance() < probability) struck ??= { kind }
    }
    return struck
  }

  return {
    next: (kind, options = {}) => {
      assertKind(kind)
      assertPossible(kind)
      script.push({ ...options, kind, left: options.times ?? 1, toSkip: options.skip ?? 0 })
    },
    random: (probabilities, seed) => {
      const asked = Object.entries(probabilities).map(([kind, probability]) => {
        assertKind(kind)
        assertPossible(kind)
        return [kind, checked(kind, probability)] as const
      })
      chances.clear()
      for (const [kind, probability] of asked) chances.set(kind, probability)
      chance = seededRandom(seed)
    },
    expects: (hop) =>
      [...script.map(({ kind }) => kind), ...chances.keys()].some(
        (kind) => faultKinds[kind] === hop,
      ),
    setChance: (kind, probability) => {
      assertPossible(kind)
      if (checked(kind, probability) === 0) chances.delete(kind)
      else chances.set(kind, probability)
    },
    clear: () => {
      script.length = 0
      chances.clear()
    },
    coming: () => {
      const scripted: Partial<Record<FaultKind, number>> = {}
      for (const { kind, left } of script) scripted[kind] = (scripted[kind] ?? 0) + left
      return { scripted, chances: Object.fromEntries(chances) }
    },
    take: (hop, target) => {
      const fault = scripted(hop, target) ?? byChance(hop)
      if (fault) onStrike(fault, target)
      return fault
    },
  }
}

function checked(kind: FaultKind, probability: number): number {
  if (probability >= 0 && probability <= 1) return probability
  throw new GatewayConfigError(`probability of ${kind} must be from 0 to 1`)
}

function matches(fault: Fault, target: FaultTarget): boolean {
  return (
    (fault.path === undefined || target.path.startsWith(fault.path)) &&
    (fault.carrying === undefined || fault.carrying === target.carrying)
  )
}

function assertKind(kind: string): asserts kind is FaultKind {
  if (!isFaultKind(kind)) {
    const menu = Object.keys(faultKinds).join(', ')
    throw new GatewayConfigError(`unknown fault '${kind}', expected one of ${menu}`)
  }
}
