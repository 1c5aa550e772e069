import type { Report } from './runConformance'
import type { Family } from './Scenario'
import { families } from './Scenario'

/** Counts of one family, or of all. */
export interface Score {
  readonly passed: number
  readonly applicable: number
  readonly notApplicable: number
}

/** The score of each family that was run, in order. */
export function scoresOf({ results }: Report): ReadonlyMap<Family, Score> {
  const ran = families.filter((family) => results.some((result) => result.family === family))
  return new Map(
    ran.map((family) => [family, count(results.filter((result) => result.family === family))]),
  )
}

/** The score of all families, or of the scenarios of one kind. */
export function totalOf({ results }: Report, kind?: 'attack' | 'honest'): Score {
  return count(results.filter((result) => kind === undefined || result.kind === kind))
}

/** `12 of 14`, `12` where all passed, or `-` where nothing applied; with what did not apply. */
export function tellScore({ passed, applicable, notApplicable }: Score): string {
  if (applicable === 0) return `none (${notApplicable} n/a)`
  const score = `${passed} of ${applicable}`
  return notApplicable === 0 ? score : `${score} (${notApplicable} n/a)`
}

function count(results: Report['results']): Score {
  const of = (verdict: string) => results.filter((result) => result.verdict === verdict).length
  const passed = of('passed')
  return { passed, applicable: passed + of('failed'), notApplicable: of('not applicable') }
}
