import { setTimeout as sleep } from 'node:timers/promises'
import type { Gateway } from '../Gateway'

/** Tokens one by one, at the gateway's pace; `progress` counts those said. */
export async function* speakInSteps(
  { config }: Gateway,
  tokens: readonly string[],
  progress: { said: number },
): AsyncGenerator<string> {
  for (const token of tokens) {
    if (config.chunkDelay > 0) await sleep(config.chunkDelay)
    progress.said += 1
    yield token
  }
}
