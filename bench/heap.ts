/** Bytes that are in use once everything else was collected. Needs `--expose-gc`. */
export async function collectGarbage(): Promise<number> {
  if (!globalThis.gc) throw new Error('run this with --expose-gc')
  for (let times = 0; times < 4; times++) {
    globalThis.gc()
    await new Promise(setImmediate)
  }
  return process.memoryUsage().heapUsed
}

/** Counts, from now on, rejections and errors that nobody handles; they end nothing. */
export function countUnhandled(): () => number {
  let count = 0
  const tell = (error: unknown) => {
    count += 1
    console.error('unhandled:', error)
  }
  process.on('unhandledRejection', tell)
  process.on('uncaughtException', tell)
  return () => count
}

/** By how much `y` grows from the first point to the last, along the line of least squares. */
export function growth(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, one) => sum + one, 0) / values.length
  const [x, y] = [mean(points.map(([at]) => at)), mean(points.map(([, value]) => value))]
  const over = points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0)
  const under = points.reduce((sum, [at]) => sum + (at - x) ** 2, 0)
  const [first, last] = [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0]
  return (over / under) * (last - first)
}
