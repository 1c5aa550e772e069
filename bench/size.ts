import { bundleSize, OURS } from './bundle'

/** What may be loaded at the start of a page, in KiB after gzip. */
const budgets = [{ name: 'ARouter with a local viem account', contents: OURS, limit: 40 }]

for (const { name, contents, limit } of budgets) {
  const { atStart, inAll } = await bundleSize(contents)
  const start = `${atStart.toFixed(1)} KiB gzip at the start, at most ${limit}`
  console.log(`${name}: ${start}; ${inAll.toFixed(1)} with all that is loaded on demand`)
  if (atStart > limit) process.exitCode = 1
}
