import type { JsonObject } from '../http/jsonObject'
import { asObject } from '../http/jsonObject'

/** Schemas may contain themselves; what lies deeper than this is left out. */
const DEEPEST = 8

/**
 * A value that fits a JSON schema, the same each time: a default, a constant or the first choice where
 * the schema has one, else `text` for strings, the least for numbers (1 without one), true, one element,
 * and an object with what it requires, or with all it has where it requires nothing.
 */
export function sampleOf(schema: unknown, text: string): unknown {
  const root = asObject(schema)
  return root ? sample(root, text, root, 0) : {}
}

function sample(given: JsonObject, text: string, root: JsonObject, depth: number): unknown {
  const schema = resolved(given, root)
  const { const: fixed, default: usual, enum: choices, items, minimum } = schema
  if (fixed !== undefined) return fixed
  if (usual !== undefined) return usual
  if (Array.isArray(choices)) return choices[0]
  if (depth > DEEPEST) return null
  const branch = firstOf(schema.anyOf) ?? firstOf(schema.oneOf) ?? firstOf(schema.allOf)
  if (branch && !schema.type) return sample(branch, text, root, depth + 1)
  switch (typeOf(schema)) {
    case 'object':
      return sampleObject(schema, text, root, depth)
    case 'array': {
      const one = asObject(items)
      return one ? [sample(one, text, root, depth + 1)] : []
    }
    case 'integer':
    case 'number':
      return typeof minimum === 'number' ? minimum : 1
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return text
  }
}

function sampleObject(
  { properties, required }: JsonObject,
  text: string,
  root: JsonObject,
  depth: number,
): JsonObject {
  const known = asObject(properties) ?? {}
  const names = Array.isArray(required) && required.length > 0 ? required : Object.keys(known)
  return Object.fromEntries(
    names.map((name) => [
      String(name),
      sample(asObject(known[String(name)]) ?? {}, text, root, depth + 1),
    ]),
  )
}

/** Gemini writes types in capitals; a list of types has the wanted one first. */
function typeOf({ type, properties }: JsonObject): string {
  const named = Array.isArray(type) ? type.find((one) => one !== 'null') : type
  return typeof named === 'string' ? named.toLowerCase() : properties ? 'object' : 'string'
}

function firstOf(branches: unknown): JsonObject | undefined {
  return Array.isArray(branches) ? asObject(branches[0]) : undefined
}

/** What a local `$ref` (JSON Pointer, RFC 6901) points to, or the schema itself. */
function resolved(schema: JsonObject, root: JsonObject): JsonObject {
  const { $ref } = schema
  if (typeof $ref !== 'string' || !$ref.startsWith('#')) return schema
  const steps = $ref
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  return asObject(steps.reduce<unknown>((at, step) => asObject(at)?.[step], root)) ?? schema
}
