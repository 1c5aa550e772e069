import { workerData } from 'node:worker_threads'
import { planOf } from './plan'
import { installLightPlatform, realPlatform } from './platform'
import { simulate, watchUnhandled } from './simulate'
import { readProfile, type WorkerData } from './Task'
import { workThrough } from './workThrough'

const given = workerData as WorkerData // given by runWorkers
const { task } = given
const platform = task.platform === 'real' ? realPlatform : installLightPlatform()
const profile = readProfile(task.profile)
if (!task.trace) Error.stackTraceLimit = 0 // Nobody looks, and they take their time.
watchUnhandled()
await workThrough(given, (seed) => {
  const plan = planOf(seed, profile)
  return {
    plan,
    kinds: [
      `schedules at fault rate ${plan.faults}`,
      `schedules of kind ${plan.profile}`,
      `schedules with a gateway: ${plan.gateway.replay}`,
    ],
    run: (trace) => simulate(plan, platform, trace),
  }
})
