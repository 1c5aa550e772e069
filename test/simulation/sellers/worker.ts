import { workerData } from 'node:worker_threads'
import { installLightPlatform, realPlatform } from '../platform'
import type { WorkerData } from '../Task'
import { workThrough } from '../workThrough'
import { planOf, readSystem } from './plan'
import { simulateSeller, watchUnhandled } from './simulateSeller'

const given = workerData as WorkerData // given by runWorkers
const { task } = given
const platform = task.platform === 'real' ? realPlatform : installLightPlatform()
const system = readSystem(task.profile)
if (!task.trace) Error.stackTraceLimit = 0 // Nobody looks, and they take their time.
watchUnhandled()
await workThrough(given, (seed) => {
  const plan = planOf(seed, system)
  return {
    plan,
    kinds: [`schedules at ${plan.system}`, `schedules with a seller that ${plan.manner}`],
    run: (trace) => simulateSeller(plan, platform, trace),
  }
})
