import { planOf } from './plan'
import { readProfile } from './Task'
import type { Way } from './Way'

/** In real time, against the mock gateway on a socket. That is loaded where it is asked for. */
export const overSockets: Way = {
  runAll: async (task) => {
    const { runSockets } = await import('./runSockets')
    return runSockets(task)
  },
  runOne: async ({ from, profile }) => {
    const { runOverSockets } = await import('./runOverSockets')
    const print = (line: string) => process.stdout.write(`${line}\n`)
    const { violations } = await runOverSockets(planOf(from, readProfile(profile)), print)
    for (const { kind, detail } of violations) print(`${kind}: ${detail}`)
    print(`${violations.length} violations`)
    return violations.length === 0
  },
}
