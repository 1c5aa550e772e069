// Prints the count of a vitest JSON report, and fails unless every test ran and passed.
import { existsSync, readFileSync } from 'node:fs'

const path = process.argv[2] ?? ''
const files = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).testResults : []
const tests = files.flatMap((file) => file.assertionResults)
const count = (...states) => tests.filter(({ status }) => states.includes(status)).length

const passed = count('passed')
// A file that cannot be loaded has no tests of its own to fail.
const broken = files.filter(
  (file) => file.status === 'failed' && file.assertionResults.length === 0,
)
const failed = count('failed') + broken.length
const left = tests.length - count('passed', 'failed')

if (left > 0) process.stdout.write(`${left} tests were skipped or left to do\n`)
if (tests.length === 0) process.stdout.write('no test ran\n')
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = passed > 0 && failed === 0 && left === 0 ? 0 : 1
