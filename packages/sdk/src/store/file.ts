import { join, resolve } from 'node:path'
import { type Disk, disk as nodeDisk } from './disk'
import { folderName } from './fileRecord'
import { checkStoreFolder, createStoreFolder } from './folderFormat'
import { inTurn } from './inTurn'
import { pause } from './pause'
import type { Store } from './Store'
import { typed } from './typed'
import { readFolder, replace, type Standing } from './versions'

const KEY_FOLDER = /^[0-9a-f]{64}$/
const LONGEST_PAUSE_MS = 50
/** How many files are open at a time. */
const ABREAST = 32

/**
 * A store in the folder at `path`, made with mode 0700 where it is not there; its files have mode
 * 0600. Safe for any number of processes on one machine, in containers too, and for a process killed
 * at any moment. A value is on disk before `update` resolves. It needs a file system with hard links.
 * Keys and values are not encrypted.
 * @throws ARouterError (from each method) `store_unreadable`: a file is damaged, foreign or of a newer
 * version; it is named, and left as it is. `store_failed`: the disk failed, is full or is read-only.
 */
export function fileStore(path: string): Store {
  return storeOnDisk(path, nodeDisk)
}

/** A file store on a disk of the caller's. `rest` keeps those who collided apart for a while. */
export function storeOnDisk(
  path: string,
  disk: Disk,
  rest = (round: number) => pause(round, LONGEST_PAUSE_MS),
): Store {
  const root = resolve(path)
  const queue = inTurn()
  const folderOf = (key: string) => join(root, folderName(key))
  let isOpen = false

  const open = async () => {
    if (isOpen) return checkStoreFolder(disk, root)
    await createStoreFolder(disk, root)
    isOpen = true
  }

  const read = async (key: string): Promise<Standing> => {
    return (await readFolder(disk, folderOf(key))) ?? { version: 0, value: undefined }
  }

  return {
    durable: true,
    get: (key) =>
      typed(async () => {
        await open()
        return (await read(key)).value
      }),
    update: (key, change) =>
      queue(key, async () => {
        await typed(open)
        for (let round = 0; ; round++) {
          const standing = await typed(() => read(key))
          const next = change(standing.value)
          if (next === standing.value) {
            if (standing.version > 0) await typed(() => disk.sync(folderOf(key)))
            return next
          }
          const record = { key, value: next }
          if ((await typed(() => replace(disk, folderOf(key), standing, record))) === 'replaced') {
            return next
          }
          await rest(round)
        }
      }),
    list: (prefix) =>
      typed(async () => {
        await open()
        const folders = (await disk.names(root)).filter((name) => KEY_FOLDER.test(name))
        const entries = []
        for (let at = 0; at < folders.length; at += ABREAST) {
          const some = folders.slice(at, at + ABREAST)
          const records = await Promise.all(some.map((name) => readFolder(disk, join(root, name))))
          for (const { key, value } of records.flatMap((record) => record ?? [])) {
            if (value !== undefined && key.startsWith(prefix)) entries.push([key, value] as const)
          }
        }
        return entries.sort(([a], [b]) => (a < b ? -1 : 1))
      }),
  }
}
