import { pause } from './pause'

const LONGEST_PAUSE_MS = 200

/** An error reply of Redis that another try will not change, by its first word. */
const FINAL = /^(ERR|OOM|WRONGTYPE|NOPERM|NOAUTH|WRONGPASS|MISCONF|NOREPLICAS|CROSSSLOT|UNCERTAIN) /

/**
 * What `work` resolves to. It is done again where the connection fails or the server is starting or
 * failing over: so it must be safe to repeat.
 * @throws what `work` last threw, or an error of its own after `timeout` ms.
 */
export async function patient<T>(timeout: number, work: () => Promise<T>): Promise<T> {
  let last: unknown = new Error(`Redis gave no answer within ${timeout} ms`)
  let isOver = false
  let giveUp = () => {}
  const silence = new Promise<never>((_, reject) => {
    giveUp = () => {
      isOver = true
      reject(last)
    }
  })
  const timer = setTimeout(() => giveUp(), timeout)
  const keepTrying = async () => {
    for (let round = 0; ; round++) {
      try {
        return await work()
      } catch (error) {
        last = error
        if (isOver || isFinal(error)) throw error
        await pause(round, LONGEST_PAUSE_MS)
        if (isOver) throw error
      }
    }
  }
  try {
    return await Promise.race([keepTrying(), silence])
  } finally {
    clearTimeout(timer)
  }
}

function isFinal(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof Error && FINAL.test(error.message))
}
