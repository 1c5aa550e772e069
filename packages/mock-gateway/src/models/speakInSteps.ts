import { setTimeout as sleep } from 'node:timers/promises'
import type { Gateway } from '../Gateway'
import type { Speech } from './speak'

/** The tokens of a speech one by one, at the gateway's pace; `progress` counts those said. */
export async function* speakInSteps(
  { config }: Gateway,
  speech: Speech,
  progress: { said: number },
): AsyncGenerator<string> {
  for (const token of speech.tokens) {
    if (config.chunkDelay > 0) await sleep(config.chunkDelay)
    progress.said += 1
    yield token
  }
}
