import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from './runCommand'

const NAME = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//

/** The packages of which any file is loaded by `code`, sorted. */
export async function loadedPackages(
  project: string,
  flags: readonly string[],
  code: string,
): Promise<string[]> {
  const files = await loadedFiles(project, flags, code)
  return [...new Set(files.flatMap((url) => NAME.exec(url)?.[1] ?? []))].sort()
}

/**
 * The address of every file loaded by `code`. V8's own coverage knows every script of a process, from
 * ESM and CommonJS alike.
 */
export async function loadedFiles(
  project: string,
  flags: readonly string[],
  code: string,
): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'arouter-loaded-'))
  const args = [...flags, '--eval', code]
  const options = { cwd: project, env: { NODE_V8_COVERAGE: folder } }
  const outcome = await runCommand(process.execPath, args, options)
  if (outcome.code !== 0) throw new Error(outcome.output)
  const urls = readdirSync(folder).flatMap((file) => {
    const report: { result: { url: string }[] } = JSON.parse(
      readFileSync(join(folder, file), 'utf8'),
    )
    return report.result.map(({ url }) => url)
  })
  rmSync(folder, { recursive: true })
  return urls
}
