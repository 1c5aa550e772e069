import { findCapabilities } from './findCapabilities'
import type { PayerFactory } from './Payer'
import type { Capability, Family, Scenario } from './Scenario'
import { scenarios } from './scenarios'
import { openStage } from './stage'
import type { Till } from './till'
import { openTill } from './till'

/** How one scenario ended. */
export interface Result {
  readonly family: Family
  readonly name: string
  readonly kind: Scenario['kind']
  readonly verdict: 'passed' | 'failed' | 'not applicable'
  /** What went wrong, of a failure. */
  readonly reason?: string
}

/** How a payer did. */
export interface Report {
  /** What it was found to be able to do. */
  readonly capabilities: readonly Capability[]
  /** Promises it left behind that rejected with nobody to hear: each takes a process down. */
  readonly unhandledRejections: number
  /** In the order of the catalogue. */
  readonly results: readonly Result[]
}

/** Which scenarios are run. */
export interface ConformanceOptions {
  /** Default: all of them. */
  readonly family?: Family
  /** What the payer is taken to be able to do. Default: found out by trying. */
  readonly capabilities?: readonly Capability[]
  /** How many are run at a time. Default 16. */
  readonly atOnce?: number
}

/** Past this many milliseconds a scenario has failed: the payer hangs. */
const PATIENCE_MS = 60_000

/** Runs the catalogue on a payer. Contacts this machine only. */
export async function runConformance(
  factory: PayerFactory,
  { family, capabilities, atOnce = 16 }: ConformanceOptions = {},
): Promise<Report> {
  const till = await openTill()
  let unhandledRejections = 0
  const count = () => {
    unhandledRejections += 1
  }
  process.on('unhandledRejection', count)
  try {
    const able = capabilities ? new Set(capabilities) : await findCapabilities(factory, till)
    const chosen = scenarios.filter((scenario) => !family || scenario.family === family)
    const results: Result[] = new Array(chosen.length)
    const queue = chosen.entries()
    const work = async () => {
      for (const [at, scenario] of queue) results[at] = await play(scenario, factory, till, able)
    }
    await Promise.all(Array.from({ length: atOnce }, work))
    // A rejection is told of only when all that was due has run.
    await new Promise((resolve) => setImmediate(resolve))
    return { capabilities: [...able], unhandledRejections, results }
  } finally {
    process.off('unhandledRejection', count)
    await till.close()
  }
}

async function play(
  scenario: Scenario,
  factory: PayerFactory,
  till: Till,
  able: ReadonlySet<Capability>,
): Promise<Result> {
  const { family, name, kind, needs, run } = scenario
  const applies = needs.every((need) =>
    typeof need === 'string' ? able.has(need) : need.some((one) => able.has(one)),
  )
  if (!applies) return { family, name, kind, verdict: 'not applicable' }
  const stage = await openStage(factory, till)
  let timer: ReturnType<typeof setTimeout> | undefined
  const patience = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`did not end in ${PATIENCE_MS / 1_000} s`), PATIENCE_MS)
  })
  try {
    const reason = await Promise.race([run(stage), patience])
    return reason === undefined
      ? { family, name, kind, verdict: 'passed' }
      : { family, name, kind, verdict: 'failed', reason }
  } finally {
    clearTimeout(timer)
    await stage.close()
  }
}
