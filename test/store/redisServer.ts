import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A redis-server of the test's own, on a Unix socket, that writes each command to disk. */
export type RedisServer = {
  /** The path of its socket. */
  readonly socket: string
  readonly start: () => Promise<void>
  /** Kills it as a power cut would kill the process: nothing is flushed that was not. */
  readonly kill: () => Promise<void>
  /** Stops it in its tracks, sockets open, and lets it go on. */
  readonly pause: () => void
  readonly resume: () => void
  /** Kills it and removes what it wrote. */
  readonly remove: () => Promise<void>
}

/**
 * A server that is not started yet.
 * @throws Error where the machine has no redis-server.
 */
export function redisServer(...settings: readonly string[]): RedisServer {
  requireBinary()
  const folder = mkdtempSync(join(tmpdir(), 'arouter-redis-'))
  const socket = join(folder, 'redis.sock')
  const args = ['--port', '0', '--unixsocket', socket, '--dir', folder, '--save', '']
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always']
  let server: ChildProcess | undefined

  const kill = async () => {
    const running = server
    server = undefined
    if (!running || running.exitCode !== null) return
    const ended = new Promise((resolve) => running.once('exit', resolve))
    running.kill('SIGKILL')
    await ended
  }

  return {
    socket,
    start: async () => {
      server = spawn('redis-server', [...args, ...durable, ...settings], { stdio: 'ignore' })
      for (let tries = 0; !(await answers(socket)); tries++) {
        if (tries > 500) throw new Error('redis-server did not start')
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    kill,
    pause: () => server?.kill('SIGSTOP'),
    resume: () => server?.kill('SIGCONT'),
    remove: async () => {
      await kill()
      rmSync(folder, { recursive: true })
    },
  }
}

function requireBinary(): void {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'pipe' })
  } catch (cause) {
    throw new Error(
      'These tests need redis-server 6.2 or newer: apt-get install -y --no-install-recommends redis-server',
      { cause },
    )
  }
}

/** Whether the server answers PING: not while it is starting or loading. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => socket.write('PING\r\n'))
    socket.on('data', (reply) => {
      socket.destroy()
      resolve(reply.toString() === '+PONG\r\n')
    })
    socket.on('error', () => resolve(false))
  })
}
