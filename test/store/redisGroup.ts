import { connect, createServer, type Socket } from 'node:net'
import { Redis } from 'ioredis'
import { freePort } from './freePort'
import { type RedisServer, redisServer } from './redisServer'

/** A primary and two replicas, and a way that always leads to the primary. */
export type RedisGroup = {
  /** The path of the socket that leads to the primary. */
  readonly socket: string
  readonly start: () => Promise<void>
  /** The path of the primary's own socket, which leads to it when it no longer is one. */
  readonly primary: () => string
  /** Makes the replica that knows most the primary, whether the old one lives or not. */
  readonly promote: () => Promise<void>
  /** Kills the primary, promotes, and has the killed one come back as a replica. */
  readonly failOver: () => Promise<void>
  /** Has the old primary at this socket, which lived on by itself, come back as a replica. */
  readonly rejoin: (socket: string) => Promise<void>
  readonly remove: () => Promise<void>
}

type Member = { readonly server: RedisServer; readonly port: number }

/**
 * A group that is not started yet, kept as its operators are told to keep it.
 * @throws Error where the machine has no redis-server.
 */
export async function redisGroup(): Promise<RedisGroup> {
  const members: Member[] = []
  for (let count = 0; count < 3; count++) members.push(await member())
  const [first] = members
  if (!first) throw new TypeError('a group has members')
  let primary = first
  const socket = `${first.server.socket}.way`
  const sockets = new Set<Socket>()

  const way = createServer((client) => {
    const redis = connect(primary.server.socket)
    for (const [from, to] of [
      [client, redis],
      [redis, client],
    ] as const) {
      sockets.add(from)
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => to.destroy())
    }
  })
  const breakWay = () => {
    for (const each of sockets) each.destroy()
    sockets.clear()
  }

  const follow = async ({ server }: Member) => {
    await tell(server, 'REPLICAOF', '127.0.0.1', String(primary.port))
    for (let tries = 0; !(await tell(server, 'ROLE')).includes('connected'); tries++) {
      if (tries > 500) throw new Error('the replica does not follow')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  const promote = async () => {
    const others = members.filter((one) => one !== primary)
    const known = await Promise.all(others.map(({ server }) => offsetOf(server)))
    const best = others[known.indexOf(Math.max(...known))]
    if (!best) throw new TypeError('a group has replicas')
    await tell(best.server, 'REPLICAOF', 'NO', 'ONE')
    primary = best
    await Promise.all(others.filter((one) => one !== best).map(follow))
    breakWay()
  }

  return {
    socket,
    start: async () => {
      await Promise.all(members.map(({ server }) => server.start()))
      await Promise.all(members.filter((one) => one !== primary).map(follow))
      await new Promise<void>((resolve) => way.listen(socket, resolve))
    },
    primary: () => primary.server.socket,
    promote,
    failOver: async () => {
      const killed = primary
      await killed.server.kill()
      await promote()
      await killed.server.start()
      await follow(killed)
    },
    rejoin: async (socket) => {
      for (const one of members) if (one.server.socket === socket) await follow(one)
    },
    remove: async () => {
      way.close()
      breakWay()
      await Promise.all(members.map(({ server }) => server.remove()))
    },
  }
}

async function member(): Promise<Member> {
  const port = await freePort()
  const settings = ['--port', String(port), '--bind', '127.0.0.1']
  const replication = ['--repl-diskless-sync', 'yes', '--repl-diskless-sync-delay', '0']
  return { port, server: redisServer(...settings, ...replication) }
}

async function offsetOf(server: RedisServer): Promise<number> {
  const info = await tell(server, 'INFO', 'replication')
  return Number(/slave_repl_offset:(\d+)/.exec(info)?.[1])
}

async function tell(server: RedisServer, command: string, ...words: string[]): Promise<string> {
  const client = new Redis(server.socket)
  try {
    return String(await client.call(command, words))
  } finally {
    client.disconnect()
  }
}
