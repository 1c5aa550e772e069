import type { ARouterConfig } from '@arouter/sdk'
import type { NodeRedisClient } from '@arouter/sdk/redis'
import type { PrivateKeyAccount } from 'viem'
import type { Disk } from '../../packages/sdk/src/store/disk'

/** What a process does that outlives it, counted, so that it can be killed at each step of it. */
export type Steps = {
  readonly count: () => number
  /** Two steps: `act` is about to begin, is under way. That it is done is where the next one begins. */
  readonly around: <T>(act: () => Promise<T>) => Promise<T>
}

/** Ends the process, as a power cut would end it, at step `last`. */
export function countSteps(last = Number.POSITIVE_INFINITY): Steps {
  let count = 0
  const step = () => {
    if (++count === last) process.kill(process.pid, 'SIGKILL')
  }
  return {
    count: () => count,
    around: (act) => {
      step()
      const underWay = act()
      step()
      return underWay
    },
  }
}

/** Only what changes the disk is a step. */
export function steppingDisk(disk: Disk, { around }: Steps): Disk {
  return {
    ...disk,
    makeFolder: (folder) => around(() => disk.makeFolder(folder)),
    create: (file) => around(() => disk.create(file)),
    fill: (file, bytes) => around(() => disk.fill(file, bytes)),
    link: (file, name) => around(() => disk.link(file, name)),
    remove: (file) => around(() => disk.remove(file)),
    sync: (folder) => around(() => disk.sync(folder)),
  }
}

export function steppingRedis(client: NodeRedisClient, { around }: Steps): NodeRedisClient {
  return { sendCommand: (words) => around(() => client.sendCommand(words)) }
}

/** At most this many requests of a process are under way: it has no more connections. */
const CONNECTIONS = 50

export function steppingFetch({ around }: Steps): NonNullable<ARouterConfig['customFetch']> {
  const waiting: (() => void)[] = []
  let free = CONNECTIONS
  return async (input, init) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await around(() => fetch(input, init))
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}

/** `account`, with each signature a step; `signed` counts them. */
export function steppingAccount(
  account: PrivateKeyAccount,
  { around }: Steps,
  signed: { transfers: number; signIns: number },
): PrivateKeyAccount {
  return {
    ...account,
    signTypedData: (data) => {
      signed.transfers++
      return around(() => account.signTypedData(data))
    },
    signMessage: (message) => {
      signed.signIns++
      return around(() => account.signMessage(message))
    },
  }
}
