import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildProcess, type ProcessScript } from './buildProcess'
import type { Done, Line, Task } from './tasks'

const here = fileURLToPath(new URL('.', import.meta.url))

/** `agent.ts` and the SDK's sources, built. */
export type AgentScript = ProcessScript

/** Builds the agent into one file. */
export function buildAgent(): Promise<AgentScript> {
  return buildProcess(join(here, 'agent.ts'))
}

/** A process that pays. */
export type Agent = {
  /**
   * Resolves to what came of `task`, or to `killed`. `onBegun` is told when its calls are made.
   * @throws Error where the process ended by itself.
   */
  readonly run: (task: Task, onBegun?: () => void) => Promise<Done | 'killed'>
  /** Sends SIGKILL; resolves to the signal that the process ended by. */
  readonly kill: () => Promise<NodeJS.Signals | null>
  readonly ended: Promise<NodeJS.Signals | null>
}

type Waiting = {
  readonly onBegun: () => void
  readonly resolve: (outcome: Done | 'killed') => void
  readonly reject: (error: Error) => void
}

/** Starts an agent; resolves once it takes tasks. */
export function startAgent({ file }: AgentScript): Promise<Agent> {
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'pipe'] })
  const waiting = new Map<number, Waiting>()
  let [output, errors] = ['', '']
  child.stdin.on('error', () => undefined) // a child that was killed reads no more
  child.stderr.on('data', (piece) => {
    errors += piece
  })
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    child.on('close', (code, signal) => {
      for (const { resolve: settle, reject } of waiting.values()) {
        if (signal === 'SIGKILL') settle('killed')
        else reject(new Error(`an agent ended with ${code ?? signal}: ${errors}`))
      }
      resolve(signal)
    })
  })
  const agent: Agent = {
    run: (task, onBegun = () => undefined) =>
      new Promise((resolve, reject) => {
        waiting.set(task.id, { onBegun, resolve, reject })
        child.stdin.write(`${JSON.stringify(task)}\n`)
      }),
    kill: () => {
      child.kill('SIGKILL')
      return ended
    },
    ended,
  }
  return new Promise((resolve, reject) => {
    const hear = (line: Line) => {
      if (line.type === 'ready') return resolve(agent)
      const one = waiting.get(line.id)
      if (line.type === 'begun') return one?.onBegun()
      waiting.delete(line.id)
      one?.resolve(line)
    }
    child.stdout.on('data', (piece) => {
      const lines = `${output}${piece}`.split('\n')
      output = lines.pop() ?? ''
      for (const line of lines) hear(JSON.parse(line))
    })
    child.on('error', reject)
    child.on('close', () => reject(new Error(`an agent did not start: ${errors}`)))
  })
}
