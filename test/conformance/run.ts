import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  families,
  type PayerFactory,
  type Report,
  runConformance,
  scoresOf,
  tellScore,
  totalOf,
} from '@arouter/mock-gateway/conformance'
import { arouter } from './payers/arouter'
import { x402Fetch, x402FetchSiwx, x402FetchTuned } from './payers/x402Fetch'

const payers: Readonly<Record<string, PayerFactory>> = {
  '@arouter/sdk': arouter,
  '@x402/fetch': x402Fetch,
  '@x402/fetch, tuned': x402FetchTuned,
  '@x402/fetch + SIWX': x402FetchSiwx,
}

const BLOCK = /(<!-- conformance -->\n)[\s\S]*?(<!-- \/conformance -->)/
const readme = fileURLToPath(new URL('../../README.md', import.meta.url))

const reports: Report[] = []
for (const [name, payer] of Object.entries(payers)) {
  console.error(`playing on ${name}`)
  reports.push(await runConformance(payer))
}

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
const scores = reports.map(scoresOf)
const table = [
  row(['', ...Object.keys(payers)]),
  row(['---', ...reports.map(() => '---')]),
  ...families.map((family) =>
    row([
      family,
      ...scores.map((of) => {
        const score = of.get(family)
        return score ? tellScore(score) : ''
      }),
    ]),
  ),
  row(['**attacks refused**', ...reports.map((report) => tellScore(totalOf(report, 'attack')))]),
  row(['**honest accepted**', ...reports.map((report) => tellScore(totalOf(report, 'honest')))]),
].join('\n')
console.log(table)

const before = readFileSync(readme, 'utf8')
const after = before.replace(BLOCK, `$1${table}\n$2`)
const isChecked = process.argv.includes('--check')
if (after !== before && isChecked) console.error('\nREADME.md has another table')
if (!isChecked) writeFileSync(readme, after)

const ours = reports[0] && totalOf(reports[0])
// A payer that hangs may have left work behind.
process.exit(ours?.passed !== ours?.applicable || (after !== before && isChecked) ? 1 : 0)
