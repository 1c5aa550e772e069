import { describe, expect, test } from 'vitest'
import type { Command } from './redisClient'
import { replicated } from './replicated'

/** Redis, with as many replicas as hold what was written, over a connection of this description. */
function redis(held: unknown, connections: string[]) {
  const sent: string[] = []
  const command: Command = async (...words) => {
    sent.push(words.join(' '))
    return words[0] === 'WAIT' ? held : connections.shift()
  }
  const write = async () => {
    sent.push('write')
    return 'done'
  }
  return { sent, work: replicated(command, 2, 1_501, write) }
}

describe('an update that replicas are waited for', () => {
  test('is done once they hold it, and asks on the connection that it was written on', async () => {
    const same = 'id=7 addr=10.0.0.1:5000 laddr=10.0.0.2:6379'
    const { sent, work } = redis(2, [`${same} age=1`, `${same} age=2`])
    expect(await work()).toBe('done')
    expect(sent).toEqual(['CLIENT INFO', 'write', 'WAIT 2 751', 'CLIENT INFO'])
    expect(await redis('3', [same, same]).work()).toBe('done')
  })

  test('is uncertain where fewer hold it', async () => {
    const same = 'id=7 addr=10.0.0.1:5000 laddr=10.0.0.2:6379'
    await expect(redis(1, [same, same]).work()).rejects.toThrow(
      'UNCERTAIN update: 1 of 2 replicas hold it',
    )
  })

  test.each([
    ['another id', 'id=8 addr=10.0.0.1:5000 laddr=10.0.0.2:6379'],
    ['another port of ours', 'id=7 addr=10.0.0.1:5001 laddr=10.0.0.2:6379'],
    ['another server', 'id=7 addr=10.0.0.1:5000 laddr=10.0.0.3:6379'],
  ])('is asked for again where the connection changed under it: %s', async (_, after) => {
    const before = 'id=7 addr=10.0.0.1:5000 laddr=10.0.0.2:6379'
    await expect(redis(2, [before, after]).work()).rejects.toThrow('the connection was lost')
  })
})
