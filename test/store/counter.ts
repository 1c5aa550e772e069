import { writeSync } from 'node:fs'
import type { Store } from '@arouter/sdk'
import { fileStore } from '@arouter/sdk/node'
import { redisStore } from '@arouter/sdk/redis'
import { increment } from './conformance'

/*
 * A process of its own that counts: `counter.mjs <kind> <place> <key> <times>`. Each value is printed once
 * its update has resolved.
 */

async function open(kind: string, place: string): Promise<Store> {
  if (kind === 'file') return fileStore(place)
  // Loaded only where they are used: a process that is soon killed is soon started.
  if (kind === 'ioredis') {
    const { Redis } = await import('ioredis')
    const client = new Redis(place)
    client.on('error', () => undefined) // the store hears of it
    return redisStore(client)
  }
  const { createClient } = await import('redis')
  const client = createClient({ socket: { path: place, tls: false } })
  client.on('error', () => undefined)
  await client.connect()
  return redisStore(client)
}

const [kind = '', place = '', key = '', times = ''] = process.argv.slice(2)
const store = await open(kind, place)
for (let count = 0; count < Number(times); count++) {
  writeSync(1, `${await store.update(key, increment)}\n`)
}
process.exit(0)
