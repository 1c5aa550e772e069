import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { unreadable } from '../errors'
import type { Disk } from './disk'
import { decodeRecord, encodeRecord, type FileRecord, folderName } from './fileRecord'
import type { Json } from './Store'

/*
 * One key is one folder; each update leaves its value in a file named 1, 2, 3 and so on, complete and
 * on disk before it has that name. The highest stands. No lock is held, so none is left behind by a
 * process that was killed, and no clock and no process id is asked.
 *
 * A writer (1) puts a draft into the folder, (2) looks for the highest version, n, (3) fills the draft
 * and links it as n + 1. Old versions are swept in this order: (a) look for the highest version, m;
 * (b) flush; (c) list the drafts and remove all of them; (d) remove the versions below m, ascending.
 *
 * Linking succeeds for one writer only, as long as no name is used twice. It is not: let x be the
 * highest version when (2) begins. If it, or a later one, was removed before the link, then its sweeper
 * saw a still higher one in (a), so its (c) came after (1) and removed our draft: the link fails, and
 * the update starts again. The same holds if (2) missed x because it was removed while looking. A
 * folder lists at least what is in it all the time it is looked at (POSIX readdir), and that is all
 * this needs.
 *
 * A reader without a draft looks for the highest, n, and opens it. If that succeeds, nothing above n
 * had been removed when it began to look, as versions are removed in ascending order.
 */

/** What stands for a key: version 0 where it never had a value. */
export type Standing = { readonly version: number; readonly value: Json | undefined }

const VERSION = /^[1-9]\d{0,14}$/
const DRAFT = /^draft-[0-9a-f]{32}$/

/** The record that stands in `folder`, with its version; undefined where there is none yet. */
export async function readFolder(
  disk: Disk,
  folder: string,
): Promise<(FileRecord & Standing) | undefined> {
  for (;;) {
    const version = highest(await disk.names(folder))
    if (version === 0) {
      const draft = await createDraft(disk, folder)
      if (!draft) return undefined // There is no folder.
      const standing = highest(await disk.names(folder))
      const kept = await disk.read(draft)
      await disk.remove(draft)
      if (standing === 0 && kept) return undefined
      continue
    }
    const file = join(folder, String(version))
    const bytes = await disk.read(file)
    if (!bytes) continue
    const record = decodeRecord(bytes)
    if (!record || !folder.endsWith(folderName(record.key))) throw unreadable(file)
    return { ...record, version }
  }
}

/** Writes `next` if `standing` still stands; resolves once that is on disk. */
export async function replace(
  disk: Disk,
  folder: string,
  standing: Standing,
  next: FileRecord,
): Promise<'replaced' | 'outrun'> {
  const draft = await createDraft(disk, folder)
  if (!draft) {
    await disk.makeFolder(folder)
    return replace(disk, folder, standing, next)
  }
  try {
    const current = highest(await disk.names(folder))
    if (current !== standing.version) return 'outrun'
    if ((await disk.fill(draft, encodeRecord(next))) === 'gone') return 'outrun'
    // A version is not to be seen before the folder it lies in outlives a power cut.
    if (current === 0) await disk.sync(dirname(folder))
    const linked = await disk.link(draft, join(folder, String(current + 1)))
    if (linked !== 'linked') return 'outrun'
  } finally {
    await disk.remove(draft)
  }
  await sweep(disk, folder)
  return 'replaced'
}

async function sweep(disk: Disk, folder: string): Promise<void> {
  const names = await disk.names(folder)
  const standing = highest(names)
  await disk.sync(folder)
  const drafts = (await disk.names(folder)).filter((name) => DRAFT.test(name))
  const past = names
    .filter((name) => VERSION.test(name) && Number(name) < standing)
    .sort((a, b) => Number(a) - Number(b))
  for (const name of [...drafts, ...past]) await disk.remove(join(folder, name))
}

async function createDraft(disk: Disk, folder: string): Promise<string | undefined> {
  const draft = join(folder, `draft-${randomBytes(16).toString('hex')}`)
  return (await disk.create(draft)) === 'created' ? draft : undefined
}

function highest(names: readonly string[]): number {
  return Math.max(0, ...names.filter((name) => VERSION.test(name)).map(Number))
}
