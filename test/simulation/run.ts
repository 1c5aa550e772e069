import { parseArgs } from 'node:util'
import { inWorkers } from './inWorkers'
import { overSockets } from './overSockets'
import { PROFILES } from './plan'
import { OPTIONS, runSchedules } from './runSchedules'
import { readProfile } from './Task'

const USAGE = `Runs the payment engine through seeded schedules of everything that can go wrong.

npm run simulate -- [--seeds 100000] [--seconds 600] [--from 0] [--workers 2]
npm run simulate -- --seed N       one schedule, with all that happens in it
  --profile ${PROFILES.join('|')}   one kind of schedule only
  --platform light|real   whose Response and streams; light is faster
  --most 60               seconds that one schedule may take
  --sockets               in real time against the mock gateway on a socket: fewer seeds, real signatures

It stops at the number of seeds or after the seconds, whichever comes first, and exits with 1 where
anything failed, with 2 where it does not understand what is asked.
`

await runSchedules(USAGE, () => {
  const own = { profile: { type: 'string' }, sockets: { type: 'boolean', default: false } } as const
  const { values } = parseArgs({ options: { ...OPTIONS, ...own } })
  const profile = readProfile(values.profile)
  const kind = profile ? ` --profile ${profile}` : ''
  const sockets = values.sockets ? ' --sockets' : ''
  return {
    values,
    profile,
    way: values.sockets ? overSockets : inWorkers('./worker.ts'),
    command: `npm run simulate --${kind}${sockets}`,
  }
})
