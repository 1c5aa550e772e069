import { pause } from './pause'

const LONGEST_PAUSE_MS = 200

/** An error reply of Redis that another try will not change, by its first word. */
const FINAL = /^(ERR|OOM|WRONGTYPE|NOPERM|NOAUTH|WRONGPASS|MISCONF|NOREPLICAS|CROSSSLOT|UNCERTAIN) /

/**
 * What `work` resolves to. It is done again where the connection fails or the server is starting or
 * failing over: so it must be safe to repeat.
 * @throws what `work` last threw, or an error of its own after `timeout` ms.
 */
export function patient<T>(timeout: number, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let last: unknown = new Error(`Redis gave no answer within ${timeout} ms`)
    let isOver = false
    const timer = setTimeout(() => {
      isOver = true
      reject(last)
    }, timeout)
    const keepTrying = async () => {
      for (let round = 0; !isOver; round++) {
        try {
          return resolve(await work())
        } catch (error) {
          if (isFinal(error)) return reject(error)
          last = error
        }
        await pause(round, LONGEST_PAUSE_MS)
      }
    }
    void keepTrying().then(() => clearTimeout(timer))
  })
}

function isFinal(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof Error && FINAL.test(error.message))
}
