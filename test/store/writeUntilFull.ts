import { writeSync } from 'node:fs'
import { isARouterError } from '@arouter/sdk'
import { fileStore } from '@arouter/sdk/node'

/* A process that writes a larger value than its disk takes: `writeUntilFull.mjs <place>`. */

process.on('SIGXFSZ', () => undefined) // Then a file over the limit is an error, as a full disk is.

const [place = ''] = process.argv.slice(2)
const outcome = await fileStore(place)
  .update('a', () => 'x'.repeat(1_000_000))
  .then(
    () => 'written',
    (error: unknown) => error,
  )
const cause = isARouterError(outcome) ? outcome.cause : undefined
const code = cause instanceof Error && 'code' in cause ? cause.code : cause
writeSync(1, `${isARouterError(outcome) ? outcome.code : outcome} ${code}\n`)
