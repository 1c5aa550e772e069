import type { Totals } from './runWorkers'

/** How many failing seeds of one kind are told. */
const MOST_TOLD = 4

/** What a run came to; `replayOf` is the command that plays one seed again. */
export function summary(
  { ran, seconds, counts, failures }: Totals,
  replayOf: (seed: number) => string,
): string {
  const lines = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, times]) => `${String(times).padStart(12)} ${what}`)
  const times = (what: string) => counts.get(what) ?? 0
  const rate = (ran / seconds).toFixed(0)
  lines.push(
    `${ran} schedules in ${seconds.toFixed(1)} s, ${rate} per second`,
    `${times('signed')} payments signed, ${times('payment sent')} sent, ${times('settled on chain')} settled`,
  )
  for (const [what, seeds] of failures) {
    lines.push(`FAILED ${what}: ${seeds.length} schedules`)
    for (const seed of seeds.slice(0, MOST_TOLD)) lines.push(`  ${replayOf(seed)}`)
  }
  const failed = new Set([...failures.values()].flat()).size
  lines.push(failed === 0 ? '0 violations' : `${failed} schedules with violations`)
  return `${lines.join('\n')}\n`
}
