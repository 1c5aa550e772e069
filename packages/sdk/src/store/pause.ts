/**
 * Resolves after a random time, longer with each round, so that those who collided do not again. Only
 * speed rests on it.
 */
export function pause(round: number, longestMs: number): Promise<void> {
  const ms = Math.random() * Math.min(longestMs, 2 ** round)
  return new Promise((resolve) => setTimeout(resolve, ms))
}
