import { inspect } from 'node:util'
import { expect, onTestFinished, vi } from 'vitest'

/** Everything a reader of logs could see of `value`: its causes, hidden members and base64 included. */
export function shown(value: unknown): string {
  const seen = new Set<unknown>()
  const told: string[] = []
  const tell = (each: unknown): void => {
    told.push(String(each), inspect(each, { depth: 20, showHidden: true, maxStringLength: null }))
    if (typeof each !== 'object' || each === null || seen.has(each)) return
    seen.add(each)
    told.push(JSON.stringify(each, (_, one) => (typeof one === 'bigint' ? String(one) : one)) ?? '')
    for (const key of Reflect.ownKeys(each)) tell(Reflect.get(each, key))
    if (each instanceof Error) tell(each.cause)
  }
  tell(value)
  const text = told.join('\n')
  const decoded = (text.match(/[A-Za-z0-9+/_-]{24,}/g) ?? []).map((run) =>
    Buffer.from(run, 'base64').toString('latin1'),
  )
  return [text, ...decoded].join('\n')
}

/** Fails where a log of `value` would show one of `secrets`. An empty secret is a mistake in a test. */
export function expectHidden(value: unknown, secrets: readonly string[]): void {
  const text = shown(value)
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(7)
    const at = text.indexOf(secret)
    expect(at < 0 ? 'hidden' : text.slice(Math.max(0, at - 60), at + secret.length + 20)).toBe(
      'hidden',
    )
  }
}

/** What the process prints until the test ends. */
export function watchConsole(): readonly unknown[] {
  const printed: unknown[] = []
  for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    const spy = vi.spyOn(console, name).mockImplementation((...values) => {
      printed.push(...values)
    })
    onTestFinished(() => spy.mockRestore())
  }
  return printed
}
