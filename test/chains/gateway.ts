import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createMockGateway } from '@arouter/mock-gateway'
import { localChain } from '@arouter/mock-gateway/local'
import type { GatewayTask } from './startGatewayProcess'

/* A gateway in a process of its own. What it is to be comes in as a line of JSON, its url goes out. */

const lines = createInterface({ input: process.stdin })
lines.once('line', (line) => {
  const { nodes, ...options }: GatewayTask = JSON.parse(line)
  createMockGateway({ ...options, chain: localChain({ nodes }) }).then(
    ({ url }) => writeSync(1, `${url}\n`),
    (error: unknown) => {
      writeSync(2, `${String(error)}\n`)
      process.exit(1)
    },
  )
})
// Nobody is left to tell.
lines.on('close', () => process.exit(0))
writeSync(1, 'ready\n')
