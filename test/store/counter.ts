import { writeSync } from 'node:fs'
import type { Store } from '@arouter/sdk'
import { fileStore } from '@arouter/sdk/node'
import { redisStore } from '@arouter/sdk/redis'
import { increment } from './conformance'

/*
 * A process of its own that counts: `counter.mjs <kind> <place> <prefix> <key> <times>`, the prefix
 * for Redis only. Each value is printed once its update has resolved.
 */

async function open(kind: string, place: string, prefix: string): Promise<Store> {
  if (kind === 'file') return fileStore(place)
  // Loaded only where they are used: a process that is soon killed is soon started.
  if (kind === 'ioredis') {
    const { Redis } = await import('ioredis')
    const client = new Redis(place)
    client.on('error', () => undefined) // the store hears of it
    return redisStore(client, { prefix })
  }
  const { nodeRedisAt } = await import('./nodeRedisAt')
  const client = nodeRedisAt(place)
  client.on('error', () => undefined)
  await client.connect()
  return redisStore(client, { prefix })
}

const [kind = '', place = '', prefix = '', key = '', times = ''] = process.argv.slice(2)
const store = await open(kind, place, prefix)
for (let count = 0; count < Number(times); count++) {
  writeSync(1, `${await store.update(key, increment)}\n`)
}
process.exit(0)
