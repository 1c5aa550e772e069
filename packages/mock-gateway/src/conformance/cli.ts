import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { GatewayConfigError } from '../GatewayConfigError'
import type { PayerFactory } from './Payer'
import { cliHelp, parseCliOptions } from './parseCliOptions'
import { runConformance } from './runConformance'
import { scoresOf, tellScore, totalOf } from './score'

async function main(): Promise<void> {
  const request = parseCliOptions(process.argv.slice(2))
  if (request.kind === 'help') {
    console.log(cliHelp)
    return
  }
  const factory = await load(request.payer)
  const report = await runConformance(factory, request.family ? { family: request.family } : {})
  for (const { family, name, verdict, reason } of report.results) {
    if (verdict === 'failed') console.log(`failed  ${family}: ${name}: ${reason}`)
  }
  console.log(`\nfound able: ${report.capabilities.join(', ')}\n`)
  for (const [family, score] of scoresOf(report)) console.log(line(family, tellScore(score)))
  console.log(line('attacks', tellScore(totalOf(report, 'attack'))))
  console.log(line('honest', tellScore(totalOf(report, 'honest'))))
  console.log(line('all', tellScore(totalOf(report))))
  console.log(line('unhandled', `${report.unhandledRejections} rejections`))
  if (request.json !== undefined) {
    const scores = Object.fromEntries(scoresOf(report))
    await writeFile(request.json, `${JSON.stringify({ scores, ...report }, undefined, 1)}\n`)
  }
  const { passed, applicable } = totalOf(report)
  // A payer that hangs may have left work behind.
  process.exit(passed === applicable && report.unhandledRejections === 0 ? 0 : 1)
}

async function load(path: string): Promise<PayerFactory> {
  const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(resolve(path)).href)
  const payer = module.default ?? module.payer
  if (typeof payer === 'function') return payer as PayerFactory // what it returns is put to the test
  throw new GatewayConfigError(`${path} exports no function as its default or as payer`)
}

function line(name: string, score: string): string {
  return `${name.padEnd(18)} ${score}`
}

main().catch((error: unknown) => {
  const usable = error instanceof GatewayConfigError
  const text = error instanceof Error ? error.message : String(error)
  console.error(`arouter-conformance: ${text}${usable ? '\nTry --help.' : ''}`)
  process.exit(usable ? 2 : 1)
})
