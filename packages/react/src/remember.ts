const KEY = 'arouter.wallet'

/** The id of the wallet that was in use last, in this origin. */
export function recall(): string | undefined {
  return stored(() => localStorage.getItem(KEY) ?? undefined)
}

/** Keeps the id of the wallet in use for the next load of the page, or drops it. */
export function remember(id: string | undefined): void {
  stored(() => (id === undefined ? localStorage.removeItem(KEY) : localStorage.setItem(KEY, id)))
}

// Where a browser denies a page its storage, the person chooses again.
function stored<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch {
    return undefined
  }
}
