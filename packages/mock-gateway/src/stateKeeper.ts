import { rename, writeFile } from 'node:fs/promises'

/** Keeps a file up to date. */
export interface StateKeeper {
  /** Says that something changed: within a second it is in the file. */
  touch(): void
  /** Resolves once all that changed until now is in the file. Rejects where it cannot be written. */
  written(): Promise<void>
  /** Writes the file for the last time. */
  close(): Promise<void>
}

const SOON_MS = 1_000

/**
 * Keeps a file that only its owner can read. It is never in part: each text is written beside it first, and
 * then takes its name.
 */
export function createStateKeeper(path: string, textNow: () => string): StateKeeper {
  let timer: NodeJS.Timeout | undefined
  let last: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined

  const write = async () => {
    next = undefined
    const draft = `${path}.draft`
    await writeFile(draft, textNow(), { mode: 0o600 })
    await rename(draft, path)
  }
  // All who ask while one is being written share the one after it.
  const written = () => {
    if (next) return next
    next = last.then(write, write)
    last = next
    return next
  }
  return {
    touch: () => {
      timer ??= setTimeout(() => {
        timer = undefined
        written().catch((error: unknown) => process.emitWarning(String(error)))
      }, SOON_MS).unref()
    },
    written,
    close: () => {
      clearTimeout(timer)
      return written()
    },
  }
}
