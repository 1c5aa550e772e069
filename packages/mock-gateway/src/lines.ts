/** Runs things of one name one after the other, in the order they came. Other names do not wait. */
export function createLines(): <T>(name: string, run: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>()
  return async (name, run) => {
    const mine = (last.get(name) ?? Promise.resolve()).then(run, run)
    last.set(name, mine)
    try {
      return await mine
    } finally {
      if (last.get(name) === mine) last.delete(name)
    }
  }
}
