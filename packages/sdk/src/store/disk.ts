import { type FileHandle, link, mkdir, open, readdir, readFile, unlink } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** What the file store does to a disk. Anything but what a result names is thrown as Node throws it. */
export type Disk = {
  /** The names in `folder`: none where there is no such folder. */
  readonly names: (folder: string) => Promise<readonly string[]>
  readonly read: (file: string) => Promise<Buffer | undefined>
  /** Makes `folder`, and those above it, with mode 0700 and so that it outlives a power cut. */
  readonly makeFolder: (folder: string) => Promise<void>
  /** Makes an empty file with mode 0600 under a name nothing else has. */
  readonly create: (file: string) => Promise<'created' | 'no folder'>
  /** Fills an empty file; once this resolves, its content outlives a power cut. */
  readonly fill: (file: string, bytes: Buffer) => Promise<'filled' | 'gone'>
  /** Gives `file` a second name, unless something has that already: the one atomic step. */
  readonly link: (file: string, name: string) => Promise<'linked' | 'taken' | 'gone'>
  readonly remove: (file: string) => Promise<void>
  /** Once this resolves, the names in `folder` outlive a power cut. */
  readonly sync: (folder: string) => Promise<void>
}

/** The disk, by way of Node. */
export const disk: Disk = {
  names: (folder) => unless({ ENOENT: [] }, readdir(folder)),
  read: (file) => unless({ ENOENT: undefined }, readFile(file)),
  makeFolder: async (folder) => {
    const first = await mkdir(folder, { recursive: true, mode: 0o700 })
    if (first === undefined) return
    for (let made = resolve(folder); ; made = dirname(made)) {
      await sync(dirname(made))
      if (made === resolve(first)) return
    }
  },
  create: async (file) => {
    const handle = await unless({ ENOENT: undefined }, open(file, 'wx', 0o600))
    await handle?.close()
    return handle ? 'created' : 'no folder'
  },
  fill: async (file, bytes) => {
    const handle = await unless({ ENOENT: undefined }, open(file, 'r+'))
    if (!handle) return 'gone'
    await closing(handle, async () => {
      await handle.writeFile(bytes)
      await handle.sync()
    })
    return 'filled'
  },
  link: (file, name) =>
    unless(
      { EEXIST: 'taken', ENOENT: 'gone' } as const,
      link(file, name).then(() => 'linked' as const),
    ),
  remove: (file) => unless({ ENOENT: undefined }, unlink(file)),
  sync: (folder) => sync(folder),
}

async function sync(folder: string): Promise<void> {
  if (process.platform === 'win32') return // it has no handle on a folder to flush by
  const handle = await open(folder, 'r')
  await closing(handle, () => handle.sync())
}

async function closing(handle: FileHandle, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } finally {
    await handle.close()
  }
}

/** What `work` resolves to, or what `outcomes` has for the code it failed with. */
async function unless<T, O>(
  outcomes: Readonly<Record<string, O>>,
  work: Promise<T>,
): Promise<T | O> {
  try {
    return await work
  } catch (error) {
    const code = String(Object(error).code)
    if (code in outcomes) return outcomes[code] as O // `in` was just asked
    throw error
  }
}
