/**
 * `key` in printable ASCII: different for any two keys, lone surrogates included, and a prefix of a
 * key has a name that is a prefix of the key's name.
 */
export function keyName(key: string): string {
  return key.replace(/[^\x20-\x5b\x5d-\x7e]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** The key that has this name. */
export function keyOf(name: string): string {
  return name.replace(/\\u([0-9a-f]{4})/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
