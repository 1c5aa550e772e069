/** Runs `task` once every earlier task of the same key has ended, well or badly. */
export type InTurn = <T>(key: string, task: () => Promise<T>) => Promise<T>

/** Keys take no notice of each other. */
export function inTurn(): InTurn {
  const last = new Map<string, Promise<void>>()
  return (key, task) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(task)
    const forget = () => {
      if (last.get(key) === ended) last.delete(key)
    }
    const ended: Promise<void> = turn.then(forget, forget) // its own caller hears of a failure
    last.set(key, ended)
    return turn
  }
}
