import { parseArgs } from 'node:util'
import { inWorkers } from '../inWorkers'
import { OPTIONS, runSchedules } from '../runSchedules'
import { readSystem, SYSTEMS } from './plan'

const USAGE = `Buys from simulated sellers of single things, while everything goes wrong that can.

npm run simulate:sellers -- [--seeds 100000] [--seconds 600] [--from 0] [--workers 2]
npm run simulate:sellers -- --seed N    one schedule, with all that happens in it
  --system ${SYSTEMS.join('|')}   one of them only; without, they take turns
  --platform light|real   whose Response and streams; light is faster
  --most 60               seconds that one schedule may take

It stops at the number of seeds or after the seconds, whichever comes first, and exits with 1 where
anything failed, with 2 where it does not understand what is asked.
`

await runSchedules(USAGE, () => {
  const { values } = parseArgs({ options: { ...OPTIONS, system: { type: 'string' } } })
  const system = readSystem(values.system)
  return {
    values,
    profile: system,
    way: inWorkers('./sellers/worker.ts'),
    command: `npm run simulate:sellers --${system ? ` --system ${system}` : ''}`,
  }
})
