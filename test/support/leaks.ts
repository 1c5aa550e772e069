import { inspect } from 'node:util'

/** Shorter ones, such as a test's API key `key`, would be found in any text. */
const SHORTEST = 16
/** After how many errors they are looked at, so that a test with many of them does not hold them all. */
const MOST_HELD = 500
const CREDENTIALS = new Set([
  'authorization',
  'payment-signature',
  'sign-in-with-x',
  'x-api-key',
  'x-payment',
])

const canaries = new Set<string>()
let held: unknown[] = []
let printed: string[] = []
let leaks = new Set<string>()

/** From now on no log and no error of the SDK may show `secret`. */
export function plant(secret: string): void {
  if (secret.length >= SHORTEST) canaries.add(secret)
}

/** The canaries that a log or an error of the SDK has shown since this was last asked; all are forgotten. */
export function takeLeaks(): readonly string[] {
  sweep(held)
  search(printed.join('\n'), 'a log')
  const found = [...leaks]
  canaries.clear()
  held = []
  printed = []
  leaks = new Set()
  return found
}

/** Sees every credential that is put on a request, every error of the SDK, and all that is printed. */
export function watchForLeaks(): void {
  // Once for a process: what is watched belongs to it, and not to one file of tests.
  if (Reflect.has(globalThis, WATCHED)) return
  Reflect.set(globalThis, WATCHED, true)
  watchErrors()
  watchHeaders()
  watchOutput()
}

const WATCHED = Symbol.for('@arouter/test.watched')
/** What every copy of the package marks its errors with as it makes them. */
const BRAND = Symbol.for('@arouter/sdk.error')

function watchErrors(): void {
  const { defineProperty } = Object
  Object.defineProperty = (made, key, ...more) => {
    if (key === BRAND) hold(made)
    return defineProperty(made, key, ...more)
  }
}

function hold(error: unknown): void {
  // This one is still being made.
  if (held.length >= MOST_HELD) {
    sweep(held)
    held = []
  }
  held.push(error)
}

function watchHeaders(): void {
  const { Headers: Original } = globalThis
  for (const method of ['set', 'append'] as const) {
    const original = Original.prototype[method]
    Original.prototype[method] = function (name, value) {
      original.call(this, name, value)
      plantHeader(name, value)
    }
  }
  globalThis.Headers = new Proxy(Original, {
    construct: (target, given, made) => {
      const headers: Headers = Reflect.construct(target, given, made)
      for (const [name, value] of headers) plantHeader(name, value)
      return headers
    },
  })
}

function plantHeader(name: string, value: string): void {
  if (!CREDENTIALS.has(name.toLowerCase())) return
  plant(value.replace(/^(?:Bearer|Basic) /i, ''))
  for (const secret of signaturesIn(value)) plant(secret)
}

/** The signatures in a payment or a proof. */
function signaturesIn(header: string): string[] {
  try {
    const { signature, payload } = JSON.parse(Buffer.from(header, 'base64').toString())
    return [signature, payload?.signature, payload?.transaction].filter(
      (value) => typeof value === 'string',
    )
  } catch {
    return [] // A token or a key.
  }
}

function watchOutput(): void {
  const { console: original } = globalThis
  for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    const print = original[name]
    original[name] = (...values) => {
      printed.push(values.map(textOf).join(' '))
      print.apply(original, values)
    }
  }
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write
    const watched: typeof write = (chunk: Uint8Array | string, ...more: never[]) => {
      printed.push(typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk))
      return write.call(stream, chunk, ...more)
    }
    stream.write = watched
  }
}

function sweep(errors: readonly unknown[]): void {
  if (errors.length > 0 && canaries.size > 0) search(errors.map(textOf).join('\n'), 'an error')
}

function search(text: string, where: string): void {
  for (const canary of canaries) {
    const at = text.indexOf(canary)
    if (at < 0) continue
    leaks.add(`${where} shows ${canary}: ${text.slice(Math.max(0, at - 80), at + 200)}`)
  }
}

/** What a reader of a log could see of a value, its causes and hidden members included. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return inspect(value, { depth: 8, showHidden: true, maxStringLength: null, maxArrayLength: null })
}
