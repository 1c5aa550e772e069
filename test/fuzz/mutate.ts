import type { Chance } from '../simulation/Chance'

/** JSON as it is built to be sent. */
export type Value = unknown

/** Values that fit no field, or the wrong one. */
const ODD: readonly Value[] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  1.5,
  60,
  2 ** 53,
  -0,
  '',
  ' ',
  '0',
  '1',
  '60',
  'true',
  'null',
  '__proto__',
  'constructor',
  'toString',
  '\u0000',
  '\n',
  '\u202e',
  '\ud800',
  'é漢🎉',
  [],
  {},
  [[]],
  [null],
  ['100000'],
  { length: 1 },
  { toString: 1 },
  { __proto__: null },
  'x'.repeat(300),
]

/** What is put into the fields of these names, besides `ODD`. */
export type Dictionary = Readonly<Record<string, readonly Value[]>>

/** `value` with `times` of its parts changed: replaced, left out, doubled, wrapped, or added to. */
export function mutateJson(
  chance: Chance,
  value: Value,
  dictionary: Dictionary,
  times: number,
): Value {
  let mutated = copy(value)
  for (let i = 0; i < times; i++) mutated = mutateOnce(chance, mutated, dictionary)
  return mutated
}

type Slot = { readonly holder: object; readonly key: string }

function mutateOnce(chance: Chance, root: Value, dictionary: Dictionary): Value {
  const slots = slotsOf(root, [])
  const slot = slots[chance.between(0, slots.length - 1)]
  if (!slot || chance.happens(0.02)) return odd(chance)
  const { holder, key } = slot
  const old: Value = Reflect.get(holder, key)
  const kind = chance.between(0, 19)
  if (kind < 12) set(holder, key, replacement(chance, key, old, dictionary))
  else if (kind < 14) Reflect.deleteProperty(holder, key)
  else if (kind < 15) set(holder, key, [old])
  else if (kind < 16) set(holder, key, { [key]: old })
  else if (kind < 17) set(holder, chance.pick(key.toUpperCase(), ` ${key}`, `${key}s`), old)
  else if (kind < 18 && Array.isArray(holder)) {
    const copies = chance.pick(1, 2, 15, 16, 40)
    for (let i = 0; i < copies; i++) holder.push(copy(old))
  } else if (kind < 19) set(holder, key, nested(chance.pick(2, 10, 14, 16, 40), old))
  else {
    const names = [...Object.keys(dictionary), '__proto__', 'extra', 'x']
    const name = names[chance.between(0, names.length - 1)] ?? ''
    set(holder, name, replacement(chance, name, old, dictionary))
  }
  return root
}

// Assigning to __proto__ would not make a member of that name, as JSON.parse does.
function set(holder: object, key: string, value: Value): void {
  Object.defineProperty(holder, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}

function slotsOf(value: Value, found: Slot[]): Slot[] {
  if (typeof value !== 'object' || value === null) return found
  for (const [key, item] of Object.entries(value)) {
    found.push({ holder: value, key })
    slotsOf(item, found)
  }
  return found
}

function replacement(chance: Chance, key: string, old: Value, dictionary: Dictionary): Value {
  const known = Object.hasOwn(dictionary, key) ? (dictionary[key] ?? []) : []
  if (known.length > 0 && chance.happens(0.7)) {
    return copy(known[chance.between(0, known.length - 1)])
  }
  if (typeof old === 'string' && chance.happens(0.4)) return mutateText(chance, old)
  if (typeof old === 'number' && chance.happens(0.5)) {
    return chance.pick<Value>(old + 1, -old, old + 0.5, `${old}`, old * 1e6, [old])
  }
  return odd(chance)
}

/** As structuredClone does, and faster: a copy is made of every input. */
function copy(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copy)
  const made = {}
  for (const [key, item] of Object.entries(value)) set(made, key, copy(item))
  return made
}

const odd = (chance: Chance): Value => copy(ODD[chance.between(0, ODD.length - 1)])

function nested(levels: number, core: Value): Value {
  let value = core
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { a: value }
  return value
}

const INSERTED = [
  '\u0000',
  '\n',
  '\r\n',
  ' ',
  '\t',
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '0',
  '9',
  'e5',
  '-',
  '=',
  '.',
  '\u00ff',
  '\ufeff',
  '\u2028',
  '١',
  '１',
] as const

/** `text` with a few characters changed, left out, put in, doubled or swapped, or cut short. */
export function mutateText(chance: Chance, text: string): string {
  const at = chance.between(0, text.length)
  const end = chance.between(at, Math.min(text.length, at + 8))
  const inserted = chance.pick(...INSERTED)
  switch (chance.between(0, 6)) {
    case 0:
      return text.slice(0, at) + inserted + text.slice(at)
    case 1:
      return text.slice(0, at) + text.slice(end)
    case 2:
      return text.slice(0, at) + inserted + text.slice(at + 1)
    case 3:
      return text.slice(0, at)
    case 4:
      return text.slice(0, at) + text.slice(at, end).repeat(chance.pick(2, 3, 50)) + text.slice(end)
    case 5:
      return text.slice(0, at) + (text[at + 1] ?? '') + (text[at] ?? '') + text.slice(at + 2)
    default:
      return chance.happens(0.5) ? text.toUpperCase() : ` ${text} `
  }
}

/** `bytes` with some of them changed, left out, put in or doubled, or cut short. */
export function mutateBytes(chance: Chance, bytes: Uint8Array): Uint8Array {
  const out = [...bytes]
  const times = chance.pick(1, 1, 2, 5, 20)
  for (let i = 0; i < times; i++) {
    const at = chance.between(0, out.length)
    const kind = chance.between(0, 5)
    if (kind === 0) out[at] = chance.between(0, 255)
    else if (kind === 1) out[at] = (out[at] ?? 0) ^ (1 << chance.between(0, 7))
    else if (kind === 2) out.splice(at, chance.between(1, 4))
    else if (kind === 3) out.splice(at, 0, chance.between(0, 255))
    else if (kind === 4) out.splice(at, 0, ...out.slice(at, at + chance.between(1, 64)))
    else if (chance.happens(0.2)) out.length = at
  }
  return Uint8Array.from(out)
}

/** JSON text of `value`; now and then with a member twice, white space, or an escape for a letter. */
export function writeJson(chance: Chance, value: Value): string {
  const text = JSON.stringify(value) ?? 'undefined'
  if (!chance.happens(0.15)) return text
  switch (chance.between(0, 3)) {
    case 0:
      return text.replace(
        '{',
        `{${chance.pick('"amount":"1"', '"x402Version":2', '"success":true')},`,
      )
    case 1:
      return text.replaceAll(',', ' ,\n\t')
    case 2:
      return text.replace(/[a-z]/, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`)
    default:
      return `${chance.pick('\ufeff', ' ', '\u00a0', '')}${text}${chance.pick(' ', '\n', 'x', ',')}`
  }
}

/** Base64 of bytes, in one of the ways a header may have it, or not quite. */
export function writeBase64(chance: Chance, bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString(chance.pick('base64', 'base64', 'base64url'))
  if (chance.happens(0.9)) return text
  return chance.pick(
    () => text.replace(/=+$/, ''),
    () => `${text}=`,
    () => ` ${text} `,
    () => mutateText(chance, text),
    () => text.replaceAll('A', '-'),
    () => text + text,
  )()
}

/** `text` as a header may carry it. */
export function headerSafe(text: string): string {
  return text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?')
}
