import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { interleave } from './measure'
import type { Table } from './printTable'

const root = fileURLToPath(new URL('..', import.meta.url))
const run = promisify(execFile)

/** Milliseconds of processor time of a new Node process that imports these modules. */
async function importTime(modules: readonly string[]): Promise<number> {
  const imports = modules.map((name) => `await import(${JSON.stringify(name)});`).join('')
  const code = `${imports} const { user, system } = process.cpuUsage(); console.log(user + system)`
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: root,
  })
  return Number(stdout) / 1_000
}

/** What importing costs a process, beyond what Node itself costs. */
export async function measureImports(): Promise<Table> {
  const samples = await interleave(
    {
      bare: () => importTime([]),
      '@arouter/sdk': () => importTime(['@arouter/sdk']),
      '@x402/fetch': () => importTime(['@x402/fetch']),
      '@x402/fetch + @x402/evm': () => importTime(['@x402/fetch', '@x402/evm/exact/client']),
      openai: () => importTime(['openai']),
    },
    21,
  )
  return {
    title: 'Import: processor time over a bare Node process, 21 interleaved processes each',
    unit: 'ms',
    samples,
    bare: 'bare',
    ours: '@arouter/sdk',
  }
}
