import { chanceFrom } from '../simulation/Chance'
import { refusals, streams } from './answers'
import type { Area, Case, Ended } from './Case'
import { evmAnswers } from './evmAnswers'
import { evmNodes, solanaNodes } from './nodes'
import { solanaAnswers } from './solanaAnswers'
import type { Kind } from './Task'
import { bodies, headers } from './terms'
import { receipts, signIns } from './tokens'

export const AREAS: Readonly<Record<Kind, readonly Area[]>> = {
  server: [headers, bodies, receipts, signIns, refusals, streams, evmNodes, solanaNodes],
  wallet: [solanaAnswers, evmAnswers],
}

/** The input of a seed: the same one wherever and whenever it is drawn. */
export function drawCase(seed: number, of: Kind): { readonly area: string; readonly drawn: Case } {
  const chance = chanceFrom(seed)
  let left = chance.between(0, 99)
  for (const { name, share, draw } of AREAS[of]) {
    if (left < share) return { area: name, drawn: draw(chance) }
    left -= share
  }
  throw new TypeError('the shares of all areas are a hundred')
}

/** What one input came to. */
export type Result = {
  readonly area: string
  readonly outcome: string
  readonly signatures: number
  readonly conforms: boolean
  /** Of a processor: other programs of the machine do not count. */
  readonly milliseconds: number
  readonly faults: readonly string[]
  readonly shown: unknown
}

let unhandled: string[] = []

/** Counts promises that reject unobserved and errors that nobody caught as faults of an input. */
export function watchUnhandled(): void {
  const note = (reason: unknown) => {
    unhandled.push(`unhandled: ${reason instanceof Error ? reason.stack : String(reason)}`)
  }
  process.on('unhandledRejection', note)
  process.on('uncaughtException', note)
}

// What a judge cannot make sense of did not end as it must.
function judged(drawn: Case, ended: Ended): readonly string[] {
  try {
    return drawn.judge(ended)
  } catch (error) {
    return [`makes no sense: ${error instanceof Error ? error.stack : error}`]
  }
}

/** Puts the input of a seed to the SDK, and judges what came of it. */
export async function runSeed(seed: number, of: Kind): Promise<Result> {
  const { area, drawn } = drawCase(seed, of)
  const before = process.cpuUsage()
  const ended = await drawn.act()
  const { user, system } = process.cpuUsage(before)
  const faults = [...judged(drawn, ended), ...unhandled]
  unhandled = []
  const { outcome, signatures } = ended
  const milliseconds = (user + system) / 1_000
  const { conforms, shown } = drawn
  return { area, outcome, signatures, conforms, milliseconds, faults, shown }
}
