import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { fileStore } from '@arouter/sdk/node'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { isARouterError } from '../../packages/sdk/src/errors'
import { type Disk, disk } from '../../packages/sdk/src/store/disk'
import { storeOnDisk } from '../../packages/sdk/src/store/file'
import { encodeRecord, folderName } from '../../packages/sdk/src/store/fileRecord'
import { buildScript } from './buildScript'
import { conformance, failure, increment } from './conformance'

const scratch = mkdtempSync(join(tmpdir(), 'arouter-files-'))
let place = ''
let made = 0

beforeEach(() => {
  place = join(scratch, String(made++), 'store')
})

afterAll(() => rmSync(scratch, { recursive: true }))

/** Every file below `folder`, with its content. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const entries = files
    .map((file) => join(folder, file))
    .filter((file) => statSync(file).isFile())
    .map((file) => [file, readFileSync(file).toString('base64')] as const)
  return Object.fromEntries(entries.sort())
}

/** The one file that holds a value in the store at `place`. */
function valueFile(): string {
  const [file, ...others] = Object.keys(contents(place)).filter((name) => /\/\d+$/.test(name))
  if (file === undefined || others.length > 0) throw new Error('there is not one value')
  return file
}

async function expectUnreadable(work: () => Promise<unknown>, named: string): Promise<void> {
  const before = contents(dirname(place))
  const error = await failure(work())
  expect(isARouterError(error, 'store_unreadable') && error.message).toContain(named)
  expect(contents(dirname(place))).toEqual(before)
}

describe('the file store', () => {
  for (const { name, run } of conformance) {
    test(name, () => run(fileStore(place), () => fileStore(place)))
  }

  test('says that it lasts', () => {
    expect(fileStore(place).durable).toBe(true)
  })

  test('lets nobody but its owner read the folder and the files it makes', async () => {
    const before = isMainThread ? process.umask(0) : undefined // a thread cannot set it
    try {
      await fileStore(place).update('session', () => 'secret')
    } finally {
      if (before !== undefined) process.umask(before)
    }
    expect(statSync(place).mode & 0o777).toBe(0o700)
    expect(statSync(dirname(place)).mode & 0o777).toBe(0o700)
    expect(statSync(dirname(valueFile())).mode & 0o777).toBe(0o700)
    for (const file of Object.keys(contents(place))) expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test('leaves the mode of a folder that is there as it is', async () => {
    mkdirSync(place, { recursive: true, mode: 0o750 })
    chmodSync(place, 0o750)
    await fileStore(place).update('a', () => 1)
    expect(statSync(place).mode & 0o777).toBe(0o750)
  })

  test('writes nothing where a change leaves things alone', async () => {
    const store = fileStore(place)
    await store.update('a', () => ({ kept: true }))
    const before = contents(place)
    await store.update('a', (current) => current)
    await store.update('b', (current) => current)
    expect(contents(place)).toEqual(before)
  })

  test('keeps one file for a key however often it is written', async () => {
    const store = fileStore(place)
    for (let count = 0; count < 20; count++) await store.update('a', increment)
    expect(readdirSync(dirname(valueFile()))).toHaveLength(1)
  })

  test('may be copied while no process runs on it', async () => {
    await fileStore(place).update('a', () => 1)
    const copy = join(dirname(place), 'copy')
    for (const file of Object.keys(contents(place))) {
      const target = file.replace(place, copy)
      mkdirSync(dirname(target), { recursive: true })
      copyFileSync(file, target)
    }
    expect(await fileStore(copy).get('a')).toBe(1)
  })
})

describe('a file store that is damaged', () => {
  const operations = {
    get: () => fileStore(place).get('need/1'),
    update: () => fileStore(place).update('need/1', () => 2),
    list: () => fileStore(place).list('attempt/'),
  }

  for (const [name, operate] of Object.entries(operations)) {
    test(`is a typed error that names the file from ${name}, whatever byte is cut off or changed`, async () => {
      await fileStore(place).update('need/1', () => ({ state: 'signed' }))
      const file = valueFile()
      const whole = readFileSync(file)
      for (let length = 0; length < whole.length; length++) {
        writeFileSync(file, whole.subarray(0, length))
        await expectUnreadable(operate, file)
        const flipped = Buffer.from(whole)
        flipped.writeUInt8(whole.readUInt8(length) ^ (1 << (length % 8)), length)
        writeFileSync(file, flipped)
        await expectUnreadable(operate, file)
      }
      writeFileSync(file, Buffer.concat([whole, Buffer.from(' ')]))
      await expectUnreadable(operate, file)
      writeFileSync(file, whole)
      expect(await fileStore(place).get('need/1')).toEqual({ state: 'signed' })
    })
  }

  test('is a typed error where a file is of a newer version', async () => {
    await fileStore(place).update('a', () => 1)
    const file = valueFile()
    const newer = readFileSync(file, 'utf8').replace('arouter-store 1 ', 'arouter-store 2 ')
    writeFileSync(file, newer)
    await expectUnreadable(() => fileStore(place).get('a'), file)
  })

  test('is a typed error where the whole store is of a newer version, for one that had it open too', async () => {
    const store = fileStore(place)
    await store.update('a', () => 1)
    const format = join(place, 'format')
    writeFileSync(format, 'arouter-store 2\n')
    await expectUnreadable(() => store.get('a'), format)
    await expectUnreadable(() => fileStore(place).update('b', () => 1), format)
  })

  test('is a typed error where a file is that of another key', async () => {
    await fileStore(place).update('a', () => 1)
    const file = valueFile()
    writeFileSync(file, encodeRecord({ key: 'b', value: 1 }))
    await expectUnreadable(() => fileStore(place).get('a'), file)
  })

  test('is a typed error where a file is whole and holds no record', async () => {
    await fileStore(place).update('a', () => 1)
    const file = valueFile()
    for (const body of ['[]', '1', 'null', '{}', '{"key":1}', '{"key":"a"', '']) {
      const sum = createHash('sha256').update(body).digest('hex')
      writeFileSync(file, `arouter-store 1 ${sum}\n${body}`)
      await expectUnreadable(() => fileStore(place).get('a'), file)
    }
  })

  test('is a typed error where the folder is gone or emptied, and not a new store', async () => {
    const store = fileStore(place)
    await store.update('a', () => 1)
    rmSync(place, { recursive: true })
    expect(isARouterError(await failure(store.get('a')), 'store_unreadable')).toBe(true)
    mkdirSync(place)
    expect(isARouterError(await failure(store.update('a', () => 2)), 'store_unreadable')).toBe(true)
    expect(readdirSync(place)).toEqual([])
  })

  test('is a typed error where the folder is of something else', async () => {
    mkdirSync(place, { recursive: true })
    for (const name of ['notes.txt', `my-draft-${'0'.repeat(32)}`, `draft-${'0'.repeat(33)}`]) {
      writeFileSync(join(place, name), 'not ours')
      await expectUnreadable(() => fileStore(place).update('a', () => 1), place)
      rmSync(join(place, name))
    }
  })

  test('is no error where a process died before the first value of a key', async () => {
    await fileStore(place).update('a', () => 1)
    mkdirSync(join(place, folderName('b')))
    expect(await fileStore(place).list('')).toEqual([['a', 1]])
    expect(await fileStore(place).get('b')).toBeUndefined()
    expect(await fileStore(place).update('b', () => 2)).toBe(2)
  })

  test('is no error where a process died while it made it', async () => {
    mkdirSync(place, { recursive: true })
    writeFileSync(join(place, `draft-${'0'.repeat(32)}`), 'arouter-st')
    expect(await fileStore(place).update('a', () => 1)).toBe(1)
  })
})

test('what is gone or taken is told, and no error', async () => {
  const [here, nowhere] = [join(scratch, 'here'), join(scratch, 'nowhere', 'file')]
  expect(await disk.names(dirname(nowhere))).toEqual([])
  expect(await disk.read(nowhere)).toBeUndefined()
  expect(await disk.create(nowhere)).toBe('no folder')
  expect(await disk.fill(nowhere, Buffer.from('a'))).toBe('gone')
  expect(await disk.link(nowhere, here)).toBe('gone')
  expect(await disk.remove(nowhere)).toBeUndefined()
  expect(await disk.create(here)).toBe('created')
  expect(await disk.fill(here, Buffer.from('a'))).toBe('filled')
  expect(await disk.link(here, `${here}, too`)).toBe('linked')
  expect(await disk.link(here, `${here}, too`)).toBe('taken')
  expect(String(await disk.read(`${here}, too`))).toBe('a')
})

test('a folder that cannot be flushed, as on Windows, is not', async () => {
  const { platform } = process
  Object.defineProperty(process, 'platform', { value: 'win32' })
  try {
    expect(await disk.sync(join(place, 'nowhere'))).toBeUndefined()
  } finally {
    Object.defineProperty(process, 'platform', { value: platform })
  }
  expect(await failure(disk.sync(join(place, 'nowhere')))).toMatchObject({ code: 'ENOENT' })
})

describe('a disk that fails', () => {
  const full = () => Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })

  /** The real disk, of which every step from `first` to `last` fails. */
  function failing(first: number, last: number): Disk & { steps: () => number } {
    let steps = 0
    const step =
      <A extends readonly unknown[], T>(work: (...args: A) => Promise<T>) =>
      (...args: A): Promise<T> => {
        steps++
        return steps >= first && steps <= last ? Promise.reject(full()) : work(...args)
      }
    return {
      steps: () => steps,
      names: step(disk.names),
      read: step(disk.read),
      makeFolder: step(disk.makeFolder),
      create: step(disk.create),
      fill: step(disk.fill),
      link: step(disk.link),
      remove: step(disk.remove),
      sync: step(disk.sync),
    }
  }

  for (const [length, lastOf] of [
    ['once', (first: number) => first],
    ['for good', () => Number.POSITIVE_INFINITY],
  ] as const) {
    for (const before of [undefined, 'old'] as const) {
      test(`${length}, at any step of a write over ${before ?? 'nothing'}, is a typed error and no half value`, async () => {
        for (let first = 1; ; first++) {
          const path = join(place, String(first))
          if (before) await fileStore(path).update('a', () => before)
          const faulty = failing(first, lastOf(first))
          const error = await storeOnDisk(path, faulty)
            .update('a', () => 'new')
            .then(
              () => undefined,
              (thrown: unknown) => thrown,
            )
          if (faulty.steps() < first) {
            expect(first).toBeGreaterThan(8)
            expect(error).toBeUndefined()
            break
          }
          expect(isARouterError(error, 'store_failed') && error.cause).toMatchObject({
            code: 'ENOSPC',
          })
          const after = await fileStore(path).get('a')
          expect([before, 'new']).toContain(after)
          expect(await fileStore(path).update('a', (now) => `${now} again`)).toBe(`${after} again`)
        }
      })
    }
  }

  test('at any step of a read is a typed error, never an empty store', async () => {
    await fileStore(place).update('a', () => 1)
    for (let first = 1; first <= 2; first++) {
      for (const operation of ['get', 'list'] as const) {
        const store = storeOnDisk(place, failing(first, first))
        expect(isARouterError(await failure(store[operation]('a')), 'store_failed')).toBe(true)
      }
    }
  })

  test('because a file is in the place of the folder is a typed error', async () => {
    mkdirSync(dirname(place), { recursive: true })
    writeFileSync(place, 'a file')
    const error = await failure(fileStore(place).update('a', () => 1))
    expect(isARouterError(error, 'store_failed')).toBe(true)
    expect(readFileSync(place, 'utf8')).toBe('a file')
  })

  test('because it is read-only is a typed error, and what was written can be read', async () => {
    await fileStore(place).update('a', () => 1)
    const folder = dirname(valueFile())
    // Modes do not stop root: what does is a flag of the file system, where that has one.
    const lock = process.getuid?.() === 0 ? ['chattr', '+i'] : ['chmod', '500']
    const unlock = process.getuid?.() === 0 ? ['chattr', '-i'] : ['chmod', '700']
    const apply = ([command = '', mode = '']: readonly string[]) =>
      execFileSync(command, [mode, folder], { stdio: 'pipe' })
    apply(lock)
    try {
      const store = fileStore(place)
      expect(isARouterError(await failure(store.update('a', () => 2)), 'store_failed')).toBe(true)
      expect(await store.get('a')).toBe(1)
    } finally {
      apply(unlock)
    }
    expect(await fileStore(place).update('a', increment)).toBe(2)
  })

  test('because it is full is a typed error, and the value that stood stands', async () => {
    const store = fileStore(place)
    await store.update('a', () => 1)
    const limited = await buildScript('writeUntilFull', 'node')
    const output = execFileSync(
      'sh',
      ['-c', 'ulimit -f 100 && exec "$@"', 'sh', process.execPath, limited, place],
      { encoding: 'utf8' },
    )
    expect(output).toBe('store_failed EFBIG\n')
    expect(await store.get('a')).toBe(1)
  })
})
