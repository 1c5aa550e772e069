import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { MockGatewayOptions } from '@arouter/mock-gateway'
import type { LocalChainOptions } from '@arouter/mock-gateway/local'
import { buildProcess, type ProcessScript } from '../processes/buildProcess'

/** What a gateway is to be, over chains that run already. */
export type GatewayTask = Pick<MockGatewayOptions, 'port' | 'stateFile' | 'networks'> &
  Required<Pick<LocalChainOptions, 'nodes'>>

/** A process that is a gateway once it is told to. */
export type GatewayProcess = {
  /** Resolves to its url. */
  readonly listen: (task: GatewayTask) => Promise<string>
  /** Sends SIGKILL; resolves once it is dead. */
  readonly kill: () => Promise<void>
}

/** Builds the gateway into one file. */
export function buildGateway(): Promise<ProcessScript> {
  return buildProcess(fileURLToPath(new URL('gateway.ts', import.meta.url)))
}

/** Starts a process that waits for its task. */
export async function startGatewayProcess({ file }: ProcessScript): Promise<GatewayProcess> {
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  child.stdin.on('error', () => undefined) // a child that was killed reads no more
  child.stdout.setEncoding('utf8')
  const line = async (): Promise<string> => {
    const said = once(child.stdout, 'data')
    const [text] = await Promise.race([said, ended.then(() => [undefined])])
    if (typeof text !== 'string') throw new Error('a gateway ended before it was ready')
    return text.trim()
  }
  await line()
  return {
    listen: (task) => {
      child.stdin.write(`${JSON.stringify(task)}\n`)
      return line()
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
