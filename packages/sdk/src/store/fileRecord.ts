import { createHash } from 'node:crypto'
import { isObject } from '../encoding'
import { parseJson } from './parseJson'
import type { Json } from './Store'

/** What a file holds: its key, and that key's value, or none where it was deleted. */
export type FileRecord = { readonly key: string; readonly value: Json | undefined }

/** The version of the format, in the first line of each file. */
export const FORMAT = 'arouter-store 1'

const HEADER = new RegExp(`^${FORMAT} ([0-9a-f]{64})\n`)
const HEADER_LENGTH = FORMAT.length + 66

/** A record's bytes: the format and a SHA-256 of the rest, a line break, and the rest as JSON. */
export function encodeRecord({ key, value }: FileRecord): Buffer {
  const body = Buffer.from(`${JSON.stringify(value === undefined ? { key } : { key, value })}\n`)
  return Buffer.concat([Buffer.from(`${FORMAT} ${sha256(body)}\n`), body])
}

/** The record in `bytes`; undefined where one byte is not as it was written, or not by this version. */
export function decodeRecord(bytes: Buffer): FileRecord | undefined {
  const [, checksum] = HEADER.exec(bytes.toString('latin1', 0, HEADER_LENGTH)) ?? []
  const body = bytes.subarray(HEADER_LENGTH)
  if (checksum === undefined || checksum !== sha256(body)) return undefined
  const record = parseJson(body.toString('utf8'))
  if (!isObject(record) || typeof record.key !== 'string') return undefined
  return { key: record.key, value: record.value }
}

/** The name of the folder of `key`: 64 hex digits, different for any two keys on any file system. */
export function folderName(key: string): string {
  return sha256(Buffer.from(JSON.stringify(key)))
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
