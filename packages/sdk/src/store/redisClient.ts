/** A connected client of `redis` (node-redis): what the store needs of it. */
export type NodeRedisClient = {
  readonly sendCommand: (command: string[]) => Promise<unknown>
}

/** A client of `ioredis`: what the store needs of it. */
export type IoRedisClient = {
  readonly call: (command: string, words: string[]) => Promise<unknown>
}

/** Sends one command of Redis, each word as it is. */
export type Command = (name: string, ...words: string[]) => Promise<unknown>

/** The one way the store talks to Redis, whichever client it was given. */
export function commandOf(client: NodeRedisClient | IoRedisClient): Command {
  if ('call' in client && typeof client.call === 'function') {
    return (name, ...words) => client.call(name, words)
  }
  if ('sendCommand' in client && typeof client.sendCommand === 'function') {
    return (name, ...words) => client.sendCommand([name, ...words])
  }
  throw new TypeError('redisStore() takes a client of the redis or the ioredis package')
}
