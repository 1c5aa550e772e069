import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { unreadable } from '../errors'
import type { Disk } from './disk'
import { FORMAT } from './fileRecord'

const NAME = 'format'
const CONTENT = `${FORMAT}\n`
const DRAFT = /^draft-[0-9a-f]{32}$/

/**
 * Makes `folder` a store where it is new or empty.
 * @throws ARouterError `store_unreadable`: it holds something else, or a store of another version.
 */
export async function createStoreFolder(disk: Disk, folder: string): Promise<void> {
  await disk.makeFolder(folder)
  const names = await disk.names(folder)
  // Whoever made anything here had made the file first: it is looked for last.
  const content = await disk.read(join(folder, NAME))
  if (content) return checkContent(content, folder)
  if (names.some((name) => !DRAFT.test(name))) throw unreadable(folder)
  const draft = join(folder, `draft-${randomBytes(16).toString('hex')}`)
  await disk.create(draft)
  try {
    await disk.fill(draft, Buffer.from(CONTENT))
    await disk.link(draft, join(folder, NAME))
  } finally {
    await disk.remove(draft)
  }
  await disk.sync(folder)
  await checkStoreFolder(disk, folder)
}

/** @throws ARouterError `store_unreadable`: it is not, or no longer, a store of this version. */
export async function checkStoreFolder(disk: Disk, folder: string): Promise<void> {
  const content = await disk.read(join(folder, NAME))
  if (!content) throw unreadable(folder)
  checkContent(content, folder)
}

function checkContent(content: Buffer, folder: string): void {
  if (content.toString('latin1') !== CONTENT) throw unreadable(join(folder, NAME))
}
