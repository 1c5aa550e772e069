import { spawn } from 'node:child_process'
import { anvilBinary } from './anvilBinary'

/** A running anvil. */
export interface Anvil {
  readonly url: string
  /** Of the process that holds it. */
  readonly pid: number
  close(): Promise<void>
}

// Anvil would outlive a parent that is killed. The shell sees its input end when the parent does, and ends anvil.
const HELD = `
exec 3<&0
"$0" "$@" 3<&- &
anvil=$!
(cat <&3 >/dev/null; kill "$anvil" 2>/dev/null) &
exec 3<&-
wait "$anvil"`

/** Starts anvil on any free port of the loopback address. Throws GatewayConfigError where there is no binary. */
export async function startAnvil(chainId: number): Promise<Anvil> {
  // Finalized is the latest block; what trails it is up to the node in front.
  const options = ['--port', '0', '--chain-id', `${chainId}`, '--accounts', '0']
  const binary = anvilBinary()
  const [command, args] =
    process.platform === 'win32' ? [binary, options] : ['/bin/sh', ['-c', HELD, binary, ...options]]
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    let printed = ''
    const read = (piece: Buffer) => {
      printed += piece
      const [, address] = /Listening on (\S+)/.exec(printed) ?? []
      if (address) resolve(`http://${address}`)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('error', reject)
    child.once('close', () => reject(new Error(`anvil did not start: ${printed.slice(0, 500)}`)))
  })
  // What it prints from now on is nobody's, and a full pipe would stop it. None of it keeps this process alive.
  child.stdout.removeAllListeners('data').resume()
  child.stderr.removeAllListeners('data').resume()
  child.unref()
  for (const stream of [child.stdin, child.stdout, child.stderr]) unref(stream)
  return {
    url,
    pid: child.pid ?? 0,
    close: async () => {
      child.ref()
      if (process.platform === 'win32') child.kill()
      else child.stdin.end()
      await ended
    },
  }
}

function unref(stream: object): void {
  if ('unref' in stream && typeof stream.unref === 'function') stream.unref()
}
